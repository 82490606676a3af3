import { parseUpstreamJson } from "../../call/upstream_json.ts";
import { isForeign } from "../../quirks/heartbeats.ts";
import { parseLenient } from "../../quirks/loose_json.ts";
import { eventsIn, isStream } from "../../quirks/unasked_streams.ts";
import type { SseEvent } from "../../respond/stream/sse_event.ts";
import { sseText } from "../../respond/stream/sse_writer.ts";
import { isObject, objectIn } from "../anthropic_messages/blocks.ts";

/**
 * Converts an answer from Gemini to a chat completion. A text that is not an answer is returned
 * unchanged; the reader of completions reports the error.
 */
export function completionText(text: string): string {
  let json: unknown;
  try {
    json = parseLenient(text);
  } catch {
    return isStream(text) ? streamText(text) : text;
  }
  if (!isObject(json) || !isAnswer(json)) return text;
  const pieces = piecesOf(json, 0);
  return JSON.stringify({
    ...aboutOf(json),
    choices: [{
      index: 0,
      message: {
        role: "assistant",
        ...pieces.delta,
        content: pieces.delta.content ?? null,
      },
      finish_reason: pieces.finish_reason,
    }],
  });
}

/** Translates the events of one answer from Gemini to chunks of OpenAI's chat. */
export function createChunkEvents(): (event: SseEvent) => SseEvent[] {
  let calls = 0;
  return ({ event, data }) => {
    if (isForeign({ event, data })) return [{ event, data }];
    const json = parseUpstreamJson(data, "event");
    if (!isObject(json) || !isAnswer(json)) return [{ event, data }];
    const { delta, finish_reason } = piecesOf(json, calls);
    calls += delta.tool_calls?.length ?? 0;
    const chunk = { ...aboutOf(json), choices: [{ index: 0, delta, finish_reason }] };
    return [{ event: "message", data: JSON.stringify(chunk) }];
  };
}

/** Converts a stream that was not asked for to chunks, which are joined elsewhere. */
function streamText(text: string): string {
  return sseText(eventsIn(text).flatMap(createChunkEvents()));
}

function isAnswer(json: Record<string, unknown>): boolean {
  return Array.isArray(json.candidates) || isObject(json.promptFeedback) ||
    (isObject(json.usageMetadata) && !json.error);
}

/**
 * The fields of an answer other than its content. Usage keeps Gemini's form, which is parsed
 * elsewhere.
 */
function aboutOf({ responseId, modelVersion, usageMetadata }: Record<string, unknown>): object {
  return { id: responseId, model: modelVersion, usageMetadata };
}

interface Pieces {
  delta: {
    content?: string;
    reasoning_content?: string;
    images?: object[];
    tool_calls?: object[];
    extra_content?: object;
  };
  finish_reason: string | null;
}

/** @param calls The number of calls in earlier events. */
function piecesOf(json: Record<string, unknown>, calls: number): Pieces {
  const candidates = Array.isArray(json.candidates) ? json.candidates.filter(isObject) : [];
  const candidate = candidates.find(({ index }) => (index ?? 0) === 0);
  const delta: Pieces["delta"] = {};
  const { parts } = candidate ? objectIn(candidate, "content") : {};
  for (const part of Array.isArray(parts) ? parts.filter(isObject) : []) {
    addPart(delta, part, calls);
  }
  const reason = candidate?.finishReason ?? objectIn(json, "promptFeedback").blockReason;
  return { delta, finish_reason: reasonOf(reason, candidate === undefined) };
}

/** @param isBlocked Whether the prompt was blocked, for which Gemini has separate reasons. */
function reasonOf(reason: unknown, isBlocked: boolean): string | null {
  if (typeof reason !== "string" || reason === "") return null;
  return isBlocked ? "content_filter" : reason;
}

function addPart(delta: Pieces["delta"], part: Record<string, unknown>, calls: number): void {
  const { text, thought, thoughtSignature, functionCall, inlineData } = part;
  const extra = typeof thoughtSignature === "string"
    ? { extra_content: { google: { thought_signature: thoughtSignature } } }
    : {};
  if (isObject(functionCall)) {
    delta.tool_calls ??= [];
    delta.tool_calls.push({
      index: calls + delta.tool_calls.length,
      ...typeof functionCall.id === "string" && { id: functionCall.id },
      type: "function",
      function: { name: functionCall.name, arguments: JSON.stringify(functionCall.args ?? {}) },
      ...extra,
    });
    return;
  }
  Object.assign(delta, extra);
  if (isObject(inlineData)) {
    const url = `data:${inlineData.mimeType};base64,${inlineData.data}`;
    delta.images = [...delta.images ?? [], { type: "image_url", image_url: { url } }];
  } else if (typeof text === "string") {
    const field = thought === true ? "reasoning_content" : "content";
    delta[field] = (delta[field] ?? "") + text;
  }
}
