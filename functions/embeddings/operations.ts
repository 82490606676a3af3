import { z } from "zod";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { bodySchema } from "../_shared/gateway/formats/embeddings/schema.ts";
import { EXECUTION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/** Vectors, as OpenAI's clients read them. */
const vectorsSchema = z.looseObject({
  object: z.literal("list"),
  model: z.string(),
  data: z.array(z.looseObject({
    object: z.literal("embedding"),
    index: z.int(),
    embedding: z.union([z.array(z.number()), z.string().describe("base64 of 32-bit floats")]),
  })),
  usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
});

/** The operations of the function `embeddings`. */
export const operations = {
  embed: {
    method: "POST",
    path: "/embeddings",
    summary: "Turn texts into vectors",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.embeddingRequestBytes },
    answers: { status: 200, schema: vectorsSchema },
    errors: ["agent_cannot_embed", ...EXECUTION_ERRORS, ...TURN_ERRORS],
  },
} satisfies Operations;
