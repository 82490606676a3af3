import { z } from "zod";
import { DEFAULT_LIMITS } from "../_shared/gateway/limits.ts";
import type { Operations } from "../_shared/http/operation.ts";
import { bodySchema } from "../_shared/gateway/formats/images/schema.ts";
import { EXECUTION_ERRORS, SESSION_ERRORS, TURN_ERRORS } from "../_shared/gateway/turn_errors.ts";

/** Images, as OpenAI's clients read them. */
const imagesSchema = z.looseObject({
  created: z.int().describe("seconds since the epoch"),
  data: z.array(z.looseObject({
    b64_json: z.string().nullish().describe("the image in base64"),
    url: z.string().nullish().describe("the image's address, where the vendor gives one"),
    revised_prompt: z.string().nullish(),
  })),
  usage: z.looseObject({}).optional().describe("tokens, where the vendor counts them"),
});

/** The operations of the function `images`. */
export const operations = {
  generate: {
    method: "POST",
    path: "/images/generations",
    summary: "Make images of a description",
    audience: "caller",
    body: { schema: bodySchema, maxBytes: DEFAULT_LIMITS.requestBytes },
    answers: { status: 200, schema: imagesSchema, stream: true },
    errors: [
      "agent_cannot_make_images",
      "unit_not_priced",
      "answer_not_kept",
      "content_filter",
      ...SESSION_ERRORS,
      ...EXECUTION_ERRORS,
      ...TURN_ERRORS,
    ],
  },
} satisfies Operations;
