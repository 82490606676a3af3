import { z } from "zod";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { bodySchema } from "../_shared/gateway/formats/openai_chat/schema.ts";
import { EXECUTION_ERRORS, SESSION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/**
 * A completion, as OpenAI's clients read it. A stream carries the same in `chat.completion.chunk`s.
 */
const completionSchema = z.looseObject({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int().describe("Seconds since the epoch."),
  model: z.string(),
  choices: z.array(z.looseObject({
    index: z.literal(0),
    message: z.looseObject({ role: z.literal("assistant"), content: z.string().nullable() }),
    finish_reason: z.string(),
  })),
  usage: z.looseObject({
    prompt_tokens: z.int(),
    completion_tokens: z.int(),
    total_tokens: z.int(),
    estimated: z.literal(true).optional().describe("Present where the vendor reported no usage."),
  }),
});

/** The operations of the function `chat`. */
export const operations = {
  complete: {
    method: "POST",
    path: "/chat/completions",
    summary: "Complete a conversation, whole or as a stream of server-sent events",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.chatRequestBytes },
    answers: { status: 200, schema: completionSchema, stream: true },
    errors: [...SESSION_ERRORS, ...EXECUTION_ERRORS, ...TURN_ERRORS],
  },
} satisfies Operations;
