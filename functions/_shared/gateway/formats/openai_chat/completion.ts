import { firstChoice, messageOf } from "../../quirks/choices.ts";
import { failureIn, finishReason, reasonOf } from "../../quirks/finish_reasons.ts";
import { functionReason, idOfFunctionCall, withFunctionCall } from "../../quirks/function_calls.ts";
import { continuationOf } from "../../quirks/continuation_fields.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";
import { errorReported } from "../../quirks/reported_errors.ts";
import { completeCalls, textOfCall } from "../../quirks/tool_call_shapes.ts";
import { endingOf, withoutThoughtTags } from "../../quirks/thought_tags.ts";
import { isStream } from "../../quirks/unasked_streams.ts";
import { measureIn } from "../../quirks/usage_shapes.ts";
import { type CalledWith, reportedError, unknownShape } from "../../call/upstream_error.ts";
import { parseUpstreamJson } from "../../call/upstream_json.ts";
import { countUsage, estimateUsage } from "../../token_estimate.ts";
import type { TurnUsage } from "../../settle/outcome.ts";
import type { AnswerContext, WholeAnswer } from "../format.ts";
import { identityOf } from "./identity.ts";
import { joinStream } from "./join_stream.ts";
import { readMessage } from "./message.ts";
import type { ChatBody } from "./schema.ts";
import { wireUsage } from "./usage.ts";

/**
 * Reads an upstream's answer that came in one piece.
 *
 * @param text The body of the upstream's answer.
 * @throws {ApiError} 502 for a body that reports an error or is not a chat completion.
 */
export function readCompletion(text: string, context: AnswerContext<ChatBody>): WholeAnswer {
  const { endpoint, promptTokens } = context;
  const json = isStream(text) ? joinStream(text, endpoint) : parseUpstreamJson(text, "completion");
  const measured = measureIn(json);
  const reported = errorReported(json);
  if (reported) throw reportedError(reported, endpoint, measured?.usage);
  const { choices, model, usage: _usage, error: _error, ...extras }: Record<string, unknown> = {
    ...json,
  };
  const choice = firstChoice(choices) ?? {};
  const given = reasonOf(choice);
  const read = readMessage(messageIn(choice, given, endpoint, measured?.usage));
  const functionId = idOfFunctionCall(context.body);
  const called = completeCalls(read.calls, functionId);
  const kept = functionId ? called.slice(0, 1) : called;
  const tool_calls = kept.length > 0 ? kept : null;
  const reason = finishReason(given, tool_calls !== null);
  const fields = withoutThoughtTags(read.fields, endingOf(reason));
  const content = fields.content || fields.refusal || null;
  const said = (content ?? "") + called.map(textOfCall).join("");
  const counted = countUsage(
    measured?.usage ?? null,
    () => estimateUsage(promptTokens(), said, reasoningText(fields)),
  );
  const written = {
    refusal: null,
    ...fields,
    ...tool_calls && { tool_calls },
    content: fields.content ?? null,
    role: "assistant",
  };
  return {
    answer: {
      content,
      tool_calls,
      continuation: continuationOf(fields),
      finish_reason: reason,
      model_used: typeof model === "string" ? model : null,
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
        ...extrasOf(choice),
        index: 0,
        message: functionId ? withFunctionCall(written) : written,
        finish_reason: functionId ? functionReason(reason) : reason,
      }],
      usage: wireUsage(counted),
    },
  };
}

/**
 * The message of a choice.
 *
 * @param reason Why the choice ends, as the vendor says it.
 * @throws {ApiError} 502 for a choice that reports an error, or has no message.
 */
function messageIn(
  choice: object,
  reason: string | null,
  endpoint: CalledWith,
  usage: TurnUsage | undefined,
): object {
  const error: unknown = Reflect.get(choice, "error");
  const failure = failureIn(reason);
  if (error || failure) {
    throw reportedError(error || { failure, finish_reason: reason }, endpoint, usage);
  }
  const message = messageOf(choice, reason !== null);
  if (message === undefined) throw unknownShape("completion: no message", usage);
  return message;
}

/** The fields of a choice that are passed on as they are. */
function extrasOf(choice: object): object {
  const {
    message: _message,
    delta: _delta,
    text: _text,
    index: _index,
    native_finish_reason: _native,
    error: _error,
    ...extras
  }: Record<string, unknown> = { ...choice };
  return extras;
}
