import { z } from "zod";
import { NO_ANSWER } from "../../settle/outcome.ts";
import { readUpstreamJson } from "../../call/upstream_json.ts";
import { readUsage } from "../../quirks/usage_shapes.ts";
import { countUsage, estimateUsage } from "../../token_estimate.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import type { EmbeddingBody } from "./schema.ts";

const answerSchema = z.looseObject({
  data: z.array(z.looseObject({
    index: z.int().nonnegative().optional(),
    embedding: z.union([z.array(z.number()), z.string()]),
  })).min(1),
  model: z.string().nullish().catch(null),
  usage: z.unknown().optional(),
});

/**
 * Reads an upstream's embeddings.
 *
 * @param text The body of the upstream's answer.
 * @throws {ApiError} 502 for a body that reports an error or holds no embeddings.
 */
export function readVectors(
  text: string,
  { turn, endpoint, promptTokens }: AnswerContext<EmbeddingBody>,
): WholeAnswer {
  const answer = readUpstreamJson(text, "embeddings", answerSchema, endpoint);
  const { data, model: usedModel, usage, ...extras } = answer;
  const measured = readUsage(usage);
  const counted = countUsage(measured?.usage ?? null, () => estimateUsage(promptTokens(), ""));
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
      data: data.map((one, index) => ({ index, ...one, object: "embedding" })),
      model: turn.model,
      usage: {
        prompt_tokens: counted.input_tokens,
        total_tokens: counted.input_tokens,
        ...counted.estimated ? { estimated: true } : {},
      },
    },
  };
}
