import { z } from "zod";
import { responsesErrors } from "../_shared/gateway/formats/openai_responses/errors.ts";
import { bodySchema } from "../_shared/gateway/formats/openai_responses/schema.ts";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";

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

/** How clients of the function are told of errors. */
export const errorFormat = responsesErrors;

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
      "model_not_found",
      "turn_not_found",
      "content_not_supported",
      "budget_exceeded",
      "rate_limit_exceeded",
      "session_not_found",
      "session_busy",
      "session_ended",
      "idempotency_key_reused",
      "request_in_progress",
      "circuit_open",
      "server_busy",
      "vendor_not_configured",
      "upstream_error",
      "upstream_timeout",
    ],
  },
} satisfies Operations;
