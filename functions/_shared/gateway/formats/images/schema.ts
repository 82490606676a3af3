import { z } from "zod";
import { invalidField, parseBody } from "../../../http/parse_body.ts";

/** Maximum length of a prompt in characters, as in OpenAI's API. */
const MAX_PROMPT = 32_000;

/** Maximum number of images in one request, as in OpenAI's API. */
const MAX_IMAGES = 10;

/** Maximum side length in pixels; no vendor sells larger images. */
const MAX_SIDE = 4096;

const size = z.string().refine(
  (text) => text === "auto" || isSize(text),
  `expected "auto", or width x height in pixels of at most ${MAX_SIDE}, such as 1024x1024`,
);

/** A size or quality on which the price of an image depends. */
export const priceWord: z.ZodString = z.string().regex(
  /^[A-Za-z0-9_.-]{1,40}$/,
  "expected one word, such as high",
);

/**
 * The body of POST /images/generations. Fields that are not listed reach the vendor with a key of
 * the caller's own.
 */
export const bodySchema = z.looseObject({
  prompt: z.string().min(1).max(MAX_PROMPT),
  model: z.string().min(1).max(255).nullish(),
  n: z.int().min(1).max(MAX_IMAGES).nullish(),
  size: size.nullish(),
  quality: priceWord.nullish(),
  background: z.string().max(40).nullish(),
  moderation: z.string().max(40).nullish(),
  output_format: z.string().max(40).nullish(),
  output_compression: z.int().min(0).max(100).nullish(),
  partial_images: z.int().min(0).max(3).nullish(),
  response_format: z.enum(["b64_json", "url"]).nullish(),
  style: z.string().max(40).nullish(),
  stream: z.boolean().nullish(),
  store: z.boolean().nullish().describe("false: the session keeps nothing of it"),
  user: z.string().max(255).nullish(),
});

/** A validated body. */
export type ImageBody = z.infer<typeof bodySchema>;

/**
 * Validates a request for images.
 *
 * @throws {ApiError} 400 that names the field at fault in `param`.
 */
export function parseImageBody(json: object): ImageBody {
  const body = parseBody(bodySchema, json);
  if (body.partial_images && !body.stream) {
    throw invalidField("partial_images", "invalid_value", 'it needs "stream": true');
  }
  return body;
}

/** Whether a text is an accepted size in pixels, such as `1024x1024`. */
export function isSize(text: string): boolean {
  const sides = /^([1-9]\d{0,3})x([1-9]\d{0,3})$/.exec(text);
  return sides !== null && Number(sides[1]) <= MAX_SIDE && Number(sides[2]) <= MAX_SIDE;
}
