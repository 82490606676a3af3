import { z } from "zod";
import { type Answer, NO_ANSWER } from "../../settle/outcome.ts";
import type { CalledWith } from "../../call/upstream_error.ts";
import { readUpstreamJson } from "../../call/upstream_json.ts";
import { estimateUsage, readUsage } from "../../quirks/usage_shapes.ts";

const answerSchema = z.looseObject({
  data: z.array(z.looseObject({
    index: z.int().nonnegative().optional(),
    embedding: z.union([z.array(z.number()), z.string()]),
  })).min(1),
  model: z.string().nullish().catch(null),
  usage: z.unknown().optional(),
});

/** A complete answer: what to store and what to send. */
export interface Vectors {
  answer: Answer;
  body: object;
}

/**
 * Reads an upstream's embeddings.
 *
 * @param text The body of the upstream's answer.
 * @param model The name under which the caller knows the model.
 * @param messages What was embedded, to estimate usage where none was measured.
 * @throws {ApiError} 502 for a body that reports an error or holds no embeddings.
 */
export function readVectors(
  text: string,
  model: string,
  messages: readonly unknown[],
  target: CalledWith,
): Vectors {
  const answer = readUpstreamJson(text, "embeddings", answerSchema, target);
  const { data, model: usedModel, usage, ...extras } = answer;
  const measured = readUsage(usage);
  const counted = measured?.usage ?? estimateUsage(messages, "");
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
      model,
      usage: {
        prompt_tokens: counted.input_tokens,
        total_tokens: counted.input_tokens,
        ...counted.estimated ? { estimated: true } : {},
      },
    },
  };
}
