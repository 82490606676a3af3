import { chargesBy } from "../../settle/units.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import type { AnswerContext } from "../format.ts";
import { type ImageBody, isSize } from "./schema.ts";

/** The properties on which the price of an image depends; absent if the vendor chooses. */
export interface ImageKind {
  size?: string | null;
  quality?: string | null;
}

/**
 * Pixels per output token, for an upper bound of twice the real cost: OpenAI's models charge 4,160
 * tokens for 1024 x 1024 in high quality, 252 pixels per token (price list, 21 November 2026).
 */
const PIXELS_PER_TOKEN = 128;

/** The largest size that vendors choose if the request names none. */
const LARGEST_CHOICE = "1536x1024";

/** Images as units of a price: {"image/1024x1024/high": 2}. */
export function imageUnits(images: readonly ImageKind[]): Record<string, number> {
  const units: Record<string, number> = {};
  for (const image of images) units[unitOf(image)] = (units[unitOf(image)] ?? 0) + 1;
  return units;
}

/** The images that a request asks for, as far as their price depends on it. */
export function askedImages({ n, size, quality }: ImageBody): ImageKind[] {
  return Array.from({ length: n ?? 1 }, () => ({ size, quality }));
}

/** The most tokens that a vendor can charge for the images of a request, partial ones included. */
export function mostImageTokens({ n, size, partial_images }: ImageBody): number {
  const [width = 0, height = 0] = (known(size) ?? LARGEST_CHOICE).split("x").map(Number);
  return ((n ?? 1) + (partial_images ?? 0)) * Math.ceil(width * height / PIXELS_PER_TOKEN);
}

/**
 * The usage of images for which the vendor reports no tokens.
 *
 * @param made The images that were made; absent if unknown, then those requested are used as an
 * estimate.
 */
export function estimateImages(
  { body, route, promptTokens }: AnswerContext<ImageBody>,
  made?: readonly ImageKind[],
): TurnUsage {
  const byImage = chargesBy(route, "image");
  return {
    input_tokens: byImage ? 0 : promptTokens(),
    output_tokens: byImage ? 0 : mostImageTokens(body),
    cached_input_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    units: imageUnits(made ?? askedImages(body)),
    estimated: !byImage || made === undefined,
  };
}

/**
 * The text that is stored in a conversation in place of images: their number and what they show.
 */
export function describeImages(
  made: readonly (ImageKind & { revised_prompt?: string | null })[],
): string {
  const [first] = made;
  const what = made.length === 1 ? "1 image" : `${made.length} images`;
  const size = known(first?.size) ? `, ${first?.size}` : "";
  const prompts = made.flatMap(({ revised_prompt }) => revised_prompt || []);
  return [`[${what}${size}]`, ...prompts].join("\n");
}

function unitOf({ size, quality }: ImageKind): string {
  const pixels = known(size);
  const sized = pixels && isSize(pixels) ? pixels : null;
  const graded = known(quality);
  if (graded) return `image/${sized ?? "auto"}/${graded.toLowerCase()}`;
  return sized ? `image/${sized}` : "image";
}

function known(word: string | null | undefined): string | null {
  return word && word !== "auto" ? word : null;
}
