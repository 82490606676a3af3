import { z } from "zod";
import { anthropicErrors } from "../_shared/gateway/formats/anthropic_messages/errors.ts";
import { bodySchema, countSchema } from "../_shared/gateway/formats/anthropic_messages/schema.ts";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { EXECUTION_ERRORS, SESSION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/** A message, as Anthropic's clients read it. A stream carries the same in events. */
const messageSchema = z.looseObject({
  id: z.string(),
  type: z.literal("message"),
  role: z.literal("assistant"),
  model: z.string(),
  content: z.array(z.looseObject({ type: z.string() })),
  stop_reason: z.string(),
  stop_sequence: z.string().nullable(),
  usage: z.looseObject({
    input_tokens: z.int().describe("Without those that were read from a cache or written to it."),
    cache_creation_input_tokens: z.int(),
    cache_read_input_tokens: z.int(),
    output_tokens: z.int(),
    estimated: z.literal(true).optional().describe("Present where the vendor reported no usage."),
  }),
});

/** The format of the function's errors. */
export const errorFormat = anthropicErrors;

/** The operations of the function `messages`. */
export const operations = {
  create: {
    method: "POST",
    path: "/messages",
    summary:
      "Answer a conversation in Anthropic's format, whole or as a stream of server-sent events",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.chatRequestBytes },
    answers: { status: 200, schema: messageSchema, stream: true },
    errors: ["content_not_supported", ...SESSION_ERRORS, ...EXECUTION_ERRORS, ...TURN_ERRORS],
  },
  countTokens: {
    method: "POST",
    path: "/messages/count_tokens",
    summary: "Estimate the tokens of a prompt; no model is called and nothing is charged",
    audience: "caller",
    body: { schema: countSchema, maxBytes: DEFAULT_LIMITS.chatRequestBytes },
    answers: { status: 200, schema: z.object({ input_tokens: z.int() }) },
    errors: [...SESSION_ERRORS, "model_not_found", "rate_limit_exceeded", "server_busy"],
  },
} satisfies Operations;
