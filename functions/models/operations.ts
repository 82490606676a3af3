import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";

/** A model as the clients of OpenAI and of Anthropic read it. */
const modelSchema = z.object({
  id: z.string().describe('The name to send as "model".'),
  object: z.literal("model"),
  type: z.literal("model"),
  created: z.int().describe("Seconds since the epoch."),
  created_at: z.iso.datetime().describe("The same as Anthropic's clients read it."),
  owned_by: z.string(),
  agent: z.string(),
  display_name: z.string(),
  kind: z.string().describe(
    'What it is for: "chat", "search", "embedding", "image", "moderation", "speech" or "transcription".',
  ),
});

/** The operations of the function `models`. */
export const operations = {
  list: {
    method: "GET",
    path: "/models",
    summary: "List the models that the caller may use",
    audience: "caller",
    answers: {
      status: 200,
      schema: z.object({
        object: z.literal("list"),
        data: z.array(modelSchema),
        has_more: z.literal(false),
        first_id: z.string().nullable(),
        last_id: z.string().nullable(),
      }),
    },
    errors: ["rate_limit_exceeded"],
  },
  retrieve: {
    method: "GET",
    path: "/models/{id+}",
    summary: "Get one model; the id may contain slashes",
    audience: "caller",
    answers: { status: 200, schema: modelSchema },
    errors: ["model_not_found", "rate_limit_exceeded"],
  },
} satisfies Operations;
