import { z } from "zod";
import { readUpstreamJson } from "../../call/upstream_json.ts";
import { type Measured, measureIn } from "../../quirks/usage_shapes.ts";
import { type Answer, NO_ANSWER } from "../../settle/outcome.ts";
import { countUsage } from "../../token_estimate.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import { keptBody } from "./replay.ts";
import { type ImageBody, priceWord } from "./schema.ts";
import { describeImages, estimateImages, type ImageKind, imageUnits } from "./units.ts";

const word = priceWord.nullish().catch(null);

/** The size and quality that vendors report, for each image or once for the whole answer. */
export const imageKindSchema = z.looseObject({ size: word, quality: word });

const imageSchema = z.looseObject({
  b64_json: z.string().min(1).nullish(),
  url: z.string().min(1).nullish(),
  revised_prompt: z.string().nullish().catch(null),
  size: word,
  quality: word,
}).refine(({ b64_json, url }) => (b64_json ?? url) != null, "expected b64_json or url");

const answerSchema = z.looseObject({
  created: z.number().nullish().catch(null),
  data: z.array(imageSchema).min(1),
  model: z.string().nullish().catch(null),
  size: word,
  quality: word,
});

/** A vendor's answer with images. */
export type Images = z.infer<typeof answerSchema>;

/**
 * Reads an upstream's images.
 *
 * @param text The body of the upstream's answer.
 * @throws {ApiError} 502 for a body that reports an error or has no image.
 */
export function readImages(text: string, context: AnswerContext<ImageBody>): WholeAnswer {
  const { endpoint, now } = context;
  const images = readUpstreamJson(text, "images", answerSchema, endpoint);
  const made = images.data.map((image) => kindOf(context.body, images, image));
  const body = { ...images, created: images.created ?? Math.floor(now() / 1000) };
  return {
    answer: {
      ...imageAnswer(context, made, measureIn(images)),
      content: describeImages(made),
      model_used: images.model ?? null,
    },
    body,
    kept: keptBody(body, images.data.map(({ b64_json }) => b64_json)),
  };
}

/** Parses an unstreamed answer to a request for a stream; null for any other object. */
export function imagesIn(json: object): Images | null {
  return answerSchema.safeParse(json).data ?? null;
}

/**
 * The size, quality and revised prompt of an image: its own, else those of the answer or request.
 */
export function kindOf(
  asked: ImageBody,
  ...sources: readonly (ImageKind & { revised_prompt?: string | null })[]
): ImageKind & { revised_prompt: string | null } {
  const nearest = (field: "size" | "quality" | "revised_prompt") =>
    sources.findLast((one) => one[field])?.[field];
  return {
    size: nearest("size") ?? asked.size ?? null,
    quality: nearest("quality") ?? asked.quality ?? null,
    revised_prompt: nearest("revised_prompt") ?? null,
  };
}

/** The answer with which a turn that made images is settled. */
export function imageAnswer(
  context: AnswerContext<ImageBody>,
  made: readonly ImageKind[],
  measured: Measured | null,
): Answer {
  const reported = measured && { ...measured.usage, units: imageUnits(made) };
  return {
    ...NO_ANSWER,
    usage: countUsage(reported, () => estimateImages(context, made)),
    provider_cost: measured?.cost ?? null,
  };
}
