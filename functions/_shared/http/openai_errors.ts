import { z } from "zod";
import type { ErrorFormat } from "./error_format.ts";

/**
 * The `type` of each status. OpenAI calls every fault of the caller `invalid_request_error`, a bad
 * key included, and tells them apart by `code`.
 */
const TYPES: ReadonlyMap<number, string> = new Map([
  [402, "insufficient_quota"],
  [403, "permission_error"],
  [429, "rate_limit_error"],
]);

const schema = z.object({
  error: z.looseObject({
    message: z.string().describe("What failed, why, and what to do."),
    type: z.string(),
    param: z.string().nullable().describe("The field that caused the error."),
    code: z.string().nullable().describe("Stable, for programs to branch on."),
  }),
}).describe("The format of errors. docs/errors.md lists the codes.");

/** Errors as OpenAI's clients read them. */
export const openaiErrors: ErrorFormat = {
  name: "Error",
  schema,
  write({ status, message, param, code, details }) {
    const type = TYPES.get(status) ?? (status >= 500 ? "server_error" : "invalid_request_error");
    return { status, body: { error: { message, type, param, code, ...details } } };
  },
};
