import { z } from "zod";
import { unknownShape } from "../../call/upstream_error.ts";
import { readUpstreamJson } from "../../call/upstream_json.ts";
import { measureInput } from "../../quirks/usage_shapes.ts";
import { vectorAs, type VectorForm } from "../../quirks/vector_forms.ts";
import { NO_ANSWER } from "../../settle/outcome.ts";
import { countUsage, estimateUsage } from "../../token_estimate.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import type { EmbeddingBody } from "./schema.ts";

const vector = z.looseObject({
  index: z.int().nonnegative().nullish().catch(null),
  embedding: z.union([z.array(z.number()).min(1), z.string().min(1)]),
});

const answerSchema = z.looseObject({
  data: z.array(vector).min(1),
  model: z.string().nullish().catch(null),
  usage: z.unknown().optional(),
});

/**
 * Reads an upstream's embeddings: one for each text, in the order of the texts and in the requested
 * encoding.
 *
 * @param text The body of the upstream's answer.
 * @throws {ApiError} 502 for a body that reports an error or does not have exactly one vector for
 * each text.
 */
export function readVectors(
  text: string,
  { body, turn, endpoint, promptTokens }: AnswerContext<EmbeddingBody>,
): WholeAnswer {
  const answer = readUpstreamJson(text, "embeddings", answerSchema, endpoint);
  const { data, model: usedModel, usage: _usage, ...extras } = answer;
  const measured = measureInput(answer);
  const counted = countUsage(measured?.usage ?? null, () => estimateUsage(promptTokens(), ""));
  const vectors = inOrder(data, countOf(body));
  if (vectors === null) {
    throw unknownShape("embeddings: not one of each text", measured?.usage);
  }
  const form = body.encoding_format ?? "float";
  return {
    answer: {
      ...NO_ANSWER,
      model_used: usedModel ?? null,
      usage: counted,
      provider_cost: measured?.cost ?? null,
    },
    body: {
      ...extras,
      object: "list",
      data: vectors.map((one, index) => ({
        ...one,
        index,
        object: "embedding",
        ...inForm(one, form),
      })),
      model: turn.model,
      usage: {
        prompt_tokens: counted.input_tokens,
        total_tokens: counted.input_tokens,
        ...counted.estimated ? { estimated: true } : {},
      },
    },
  };
}

/** The number of inputs; a list of tokens counts as one. */
function countOf({ input }: EmbeddingBody): number {
  return typeof input === "string" || typeof input[0] === "number" ? 1 : input.length;
}

/** Sorts vectors by their indexes, if they have any; null unless there is one for each input. */
function inOrder(data: z.infer<typeof vector>[], count: number): z.infer<typeof vector>[] | null {
  if (data.length !== count) return null;
  const places = data.map(({ index }) => index ?? null);
  if (places.every((place) => place === null || place === 0) && count > 1) {
    // Without indexes, or with the same one everywhere, they are taken to be in order.
    return data;
  }
  const ordered: z.infer<typeof vector>[] = [];
  for (const [at, one] of data.entries()) ordered[places[at] ?? at] = one;
  return Object.keys(ordered).length === count && ordered.length === count ? ordered : null;
}

function inForm({ embedding }: z.infer<typeof vector>, form: VectorForm) {
  const written = vectorAs(form, embedding);
  if (written === null) throw unknownShape("embeddings: base64 that is no vector");
  return { embedding: written };
}
