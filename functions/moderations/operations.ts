import { z } from "zod";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { bodySchema } from "../_shared/gateway/formats/moderations/schema.ts";
import { EXECUTION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/** Judgements, as OpenAI's clients read them. */
const judgementsSchema = z.looseObject({
  id: z.string(),
  model: z.string(),
  results: z.array(z.looseObject({
    flagged: z.boolean(),
    categories: z.record(z.string(), z.unknown()),
    category_scores: z.record(z.string(), z.unknown()),
  })),
});

/** The operations of the function `moderations`. */
export const operations = {
  judge: {
    method: "POST",
    path: "/moderations",
    summary: "Judge whether texts and images are harmful",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.chatRequestBytes },
    answers: { status: 200, schema: judgementsSchema },
    errors: ["agent_cannot_moderate", ...EXECUTION_ERRORS, ...TURN_ERRORS],
  },
} satisfies Operations;
