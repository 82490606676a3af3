import { z } from "zod";
import { unknownShape } from "../../call/upstream_error.ts";
import { readUpstreamJson } from "../../call/upstream_json.ts";
import { measureIn } from "../../quirks/usage_shapes.ts";
import { NO_ANSWER } from "../../settle/outcome.ts";
import { countUsage, estimateUsage } from "../../token_estimate.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import { judgementsOf, type ModerationBody } from "./schema.ts";

const answerSchema = z.looseObject({
  id: z.string().nullish().catch(null),
  model: z.string().nullish().catch(null),
  results: z.array(z.looseObject({
    flagged: z.boolean(),
    categories: z.record(z.string(), z.unknown()),
    category_scores: z.record(z.string(), z.unknown()),
  })).min(1),
});

/**
 * Reads an upstream's judgements. An answer with fewer judgements than inputs is invalid: an input
 * without one would seem harmless.
 *
 * @param text The body of the upstream's answer.
 * @throws {ApiError} 502 for a body that reports an error or does not have one judgement for each
 * text.
 */
export function readJudgements(
  text: string,
  { body, turn, endpoint, promptTokens }: AnswerContext<ModerationBody>,
): WholeAnswer {
  const answer = readUpstreamJson(text, "moderation", answerSchema, endpoint);
  const measured = measureIn(answer);
  if (answer.results.length !== judgementsOf(body)) {
    throw unknownShape("moderation: not one judgement of each text", measured?.usage);
  }
  return {
    answer: {
      ...NO_ANSWER,
      model_used: answer.model ?? null,
      usage: countUsage(measured?.usage ?? null, () => estimateUsage(promptTokens(), "")),
      provider_cost: measured?.cost ?? null,
    },
    body: { ...answer, id: answer.id ?? `modr-${turn.turn_id}`, model: turn.model },
  };
}
