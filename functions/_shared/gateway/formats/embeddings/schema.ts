import { z } from "zod";
import { parseBody } from "../../../http/parse_body.ts";
import { count } from "../../../http/sql_values.ts";

/** Maximum number of texts in one request, as in OpenAI's API. */
const MAX_INPUTS = 2048;

const token = z.int().nonnegative();
const input = z.union([
  z.string().min(1),
  z.array(z.string().min(1)).min(1).max(MAX_INPUTS),
  z.array(token).min(1),
  z.array(z.array(token).min(1)).min(1).max(MAX_INPUTS),
], { error: "expected a text, tokens, or a non-empty array of either" });

/**
 * The body of POST /embeddings. Fields that are not listed reach the vendor with a key of the
 * caller's own.
 */
export const bodySchema = z.looseObject({
  input,
  model: z.string().min(1).max(255).nullish(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: count.nullish(),
  user: z.string().nullish(),
});

/** A validated body. */
export type EmbeddingBody = z.infer<typeof bodySchema>;

/**
 * Validates a request for embeddings.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseEmbeddingRequest(body: object): EmbeddingBody {
  return parseBody(bodySchema, body);
}

/**
 * The input, as messages.
 *
 * @param tokenBytes Bytes per token, for input that consists of tokens rather than text.
 */
export function inputMessages(
  { input }: EmbeddingBody,
  tokenBytes: number,
): { role: string; content: string }[] {
  const inputs = typeof input === "string" ? [input] : input;
  const content = inputs.map((one) => {
    if (typeof one === "string") return one;
    return " ".repeat(tokenBytes * (typeof one === "number" ? 1 : one.length));
  });
  return [{ role: "user", content: content.join("") }];
}
