import { z } from "zod";
import { finishReason, isFailure } from "../../quirks/finish_reasons.ts";
import { reportedError } from "../../call/upstream_error.ts";
import { readUpstreamJson } from "../../call/upstream_json.ts";
import { continuationOf } from "../../quirks/continuation_fields.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";
import { readUsage } from "../../quirks/usage_shapes.ts";
import { countUsage, estimateUsage } from "../../token_estimate.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import { identityOf } from "./identity.ts";
import type { ChatBody } from "./schema.ts";
import { wireUsage } from "./usage.ts";

const choice = z.looseObject({
  index: z.int().optional(),
  message: z.looseObject({
    content: z.string().nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(z.looseObject({})).nullish(),
  }),
  finish_reason: z.string().nullish(),
  error: z.unknown().optional(),
});

const completionSchema = z.looseObject({
  choices: z.array(choice).min(1),
  model: z.string().nullish().catch(null),
  usage: z.unknown().optional(),
});

/**
 * Reads an upstream's answer that came in one piece.
 *
 * @param text The body of the upstream's answer.
 * @throws {ApiError} 502 for a body that reports an error or is not a chat completion.
 */
export function readCompletion(text: string, context: AnswerContext<ChatBody>): WholeAnswer {
  const { endpoint, promptTokens } = context;
  const completion = readUpstreamJson(text, "completion", completionSchema, endpoint);
  const { choices, model, usage, ...extras } = completion;
  // SAFETY: the schema asks for at least one choice.
  const { message, index: _index, finish_reason, error, ...choiceExtras } = choices[0]!;
  const failure = error || (isFailure(finish_reason) && finish_reason);
  const measured = readUsage(usage);
  if (failure) throw reportedError(failure, endpoint, measured?.usage);
  const calls = message.tool_calls?.length ? message.tool_calls : null;
  const content = message.content || message.refusal || null;
  const said = (content ?? "") + (calls ? JSON.stringify(calls) : "");
  const counted = countUsage(
    measured?.usage ?? null,
    () => estimateUsage(promptTokens(), said, reasoningText(message)),
  );
  const reason = finishReason(finish_reason, calls !== null);
  return {
    answer: {
      content,
      tool_calls: calls,
      continuation: continuationOf(message),
      finish_reason: reason,
      model_used: model ?? null,
      usage: counted,
      provider_cost: measured?.cost ?? null,
      first_token_ms: null,
    },
    body: {
      ...extras,
      ...identityOf(context),
      object: "chat.completion",
      choices: [{
        logprobs: null,
        ...choiceExtras,
        index: 0,
        message: { refusal: null, ...message, content: message.content ?? null, role: "assistant" },
        finish_reason: reason,
      }],
      usage: wireUsage(counted),
    },
  };
}
