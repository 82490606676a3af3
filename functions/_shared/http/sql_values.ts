import { z } from "zod";

/** The largest `integer` of Postgres. */
const LARGEST_INTEGER = 2_147_483_647;

/** Characters that a name may not contain: control characters and bidirectional formatting. */
// deno-lint-ignore no-control-regex -- these are what a name may not hold
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

/** A count that fits an `integer` of Postgres. */
export const count: z.ZodInt = z.int().positive().max(LARGEST_INTEGER);

/** A text of one line, as `private.is_plain()` has it. */
export const plain: z.ZodString = z.string()
  .refine((text) => !UNSAFE.test(text), "expected one line without control characters");

/**
 * A name or a title: one line of at most 255 characters, as `private.is_label()` has it. A longer
 * one is refused.
 */
export const label: z.ZodString = plain.min(1).max(255);

/** An address of the web, as `private.is_web_address()` has it. */
export const webAddress: z.ZodString = plain.max(2048).regex(
  /^https?:\/\/[^\s/"<>\\^`{|}]+(\/[^\s"<>\\^`{|}]*|[?#][^\s"<>\\^`{|}]*)?$/,
  "expected an http or https address, such as https://example.com/path",
);
