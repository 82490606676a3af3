import { z } from "zod";
import { parseBody } from "../../../http/parse_body.ts";

/** Maximum number of texts, or of parts, in one request. */
const MAX_INPUTS = 2048;

/** OpenAI's model names, which its clients send without a vendor prefix. */
const OPENAI_NAME = /^(omni|text)-moderation-[\w.-]+$/;

const part = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({
    type: z.literal("image_url"),
    image_url: z.looseObject({
      url: z.string().regex(/^(https?:\/\/|data:image\/)/i, "expected an https or data address"),
    }),
  }),
]);

const input = z.union([
  z.string(),
  z.array(z.string()).min(1).max(MAX_INPUTS),
  z.array(part).min(1).max(MAX_INPUTS),
], { error: "expected a text, or a non-empty array of texts or of parts" });

/**
 * The body of POST /moderations. Fields that are not listed reach the vendor with a key of the
 * caller's own.
 */
export const bodySchema = z.looseObject({
  input,
  model: z.string().min(1).max(255).nullish(),
});

/** A validated body. */
export type ModerationBody = z.infer<typeof bodySchema>;

/**
 * Validates a request for moderation.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseModerationBody(json: object): ModerationBody {
  return parseBody(bodySchema, json);
}

/** The model of a request; OpenAI's by default. */
export function moderationModel({ model }: ModerationBody): string {
  const name = model ?? "omni-moderation-latest";
  return OPENAI_NAME.test(name) ? `openai/${name}` : name;
}

/** The input, as messages. */
export function judgedMessages(
  { input }: ModerationBody,
): { role: string; content: string | object[] }[] {
  if (typeof input === "string") return [{ role: "user", content: input }];
  const content = input.map((one) => typeof one === "string" ? { type: "text", text: one } : one);
  return [{ role: "user", content }];
}

/**
 * How many judgements an answer must have: one for each text of a list, one for all parts together.
 */
export function judgementsOf({ input }: ModerationBody): number {
  return typeof input === "string" || typeof input[0] !== "string" ? 1 : input.length;
}
