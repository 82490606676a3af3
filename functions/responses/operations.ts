import { z } from "zod";
import { responsesErrors } from "../_shared/gateway/formats/openai_responses/errors.ts";
import { bodySchema } from "../_shared/gateway/formats/openai_responses/schema.ts";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { EXECUTION_ERRORS, SESSION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/** A response, as OpenAI's clients read it. A stream carries the same in events. */
const responseSchema = z.looseObject({
  id: z.string(),
  object: z.literal("response"),
  created_at: z.int().describe("Seconds since the epoch."),
  status: z.string(),
  model: z.string(),
  output: z.array(z.looseObject({ id: z.string(), type: z.string() })),
  usage: z.looseObject({
    input_tokens: z.int(),
    output_tokens: z.int(),
    total_tokens: z.int(),
    estimated: z.literal(true).optional().describe("Present where the vendor reported no usage."),
  }).nullable(),
});

/** The format of the function's errors. */
export const errorFormat = responsesErrors;

const STORED = ["response_not_found", "rate_limit_exceeded"] as const;

/** The operations of the function `responses`. */
export const operations = {
  create: {
    method: "POST",
    path: "/responses",
    summary: "Answer an input, whole or as a stream of server-sent events",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.chatRequestBytes },
    answers: { status: 200, schema: responseSchema, stream: true },
    errors: [
      "turn_not_found",
      "content_not_supported",
      ...SESSION_ERRORS,
      ...EXECUTION_ERRORS,
      ...TURN_ERRORS,
    ],
  },
  countTokens: {
    method: "POST",
    path: "/responses/input_tokens",
    summary: "Estimate the tokens of an input; no model is called and nothing is charged",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.chatRequestBytes },
    answers: {
      status: 200,
      schema: z.object({
        object: z.literal("response.input_tokens"),
        input_tokens: z.int(),
      }),
    },
    errors: [
      "turn_not_found",
      ...SESSION_ERRORS,
      "model_not_found",
      "rate_limit_exceeded",
      "server_busy",
    ],
  },
  compact: {
    method: "POST",
    path: "/responses/compact",
    summary: "Not offered: long conversations are shortened by themselves",
    audience: "anyone",
    answers: { status: 404, schema: responsesErrors.schema },
    errors: ["unknown_path"],
  },
  retrieve: {
    method: "GET",
    path: "/responses/{id}",
    summary:
      "Get a response; with `stream=true` its events, with `starting_after` those behind a number",
    audience: "caller",
    answers: { status: 200, schema: responseSchema, stream: true },
    errors: STORED,
  },
  remove: {
    method: "DELETE",
    path: "/responses/{id}",
    summary: "Delete a response; the conversation remains in its session",
    audience: "caller",
    answers: {
      status: 200,
      schema: z.object({
        id: z.string(),
        object: z.literal("response"),
        deleted: z.literal(true),
      }),
    },
    errors: STORED,
  },
  cancel: {
    method: "POST",
    path: "/responses/{id}/cancel",
    summary: "Cancel a response in the background",
    audience: "caller",
    answers: { status: 200, schema: responseSchema },
    errors: [...STORED, "response_not_cancellable"],
  },
  inputItems: {
    method: "GET",
    path: "/responses/{id}/input_items",
    summary: "List what a response answers, in pages: `limit`, `order`, `after`",
    audience: "caller",
    answers: {
      status: 200,
      schema: z.object({
        object: z.literal("list"),
        data: z.array(z.looseObject({ id: z.string(), type: z.string() })),
        has_more: z.boolean(),
        first_id: z.string().nullable(),
        last_id: z.string().nullable(),
      }),
    },
    errors: STORED,
  },
} satisfies Operations;
