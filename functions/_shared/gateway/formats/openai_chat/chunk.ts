import {
  type CalledWith,
  reportedError,
  unknownShape,
  type UpstreamError,
} from "../../call/upstream_error.ts";
import { parseUpstreamJson } from "../../call/upstream_json.ts";
import { deltaOf, firstChoice } from "../../quirks/choices.ts";
import { failureIn, finishReason, reasonOf } from "../../quirks/finish_reasons.ts";
import { isErrorEvent, isHeartbeat } from "../../quirks/heartbeats.ts";
import { errorReported } from "../../quirks/reported_errors.ts";
import { reasoningText } from "../../quirks/reasoning_fields.ts";
import {
  createToolCallIndex,
  type ToolCallDelta,
  type ToolCallIndex,
} from "../../quirks/tool_call_index.ts";
import {
  beginsInThoughts,
  createThoughtTags,
  endingOf,
  type ThoughtTags,
} from "../../quirks/thought_tags.ts";
import { type Measured, measureIn } from "../../quirks/usage_shapes.ts";
import type { SseEvent } from "../../respond/stream/sse_event.ts";
import { readMessage, type VendorMessage } from "./message.ts";

/** The part of a chunk that carries the answer. */
export interface Delta {
  content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCallDelta[];
  [field: string]: unknown;
}

/** An upstream's chunk, reduced to its one choice. */
export interface Chunk {
  /** null for a chunk without a choice, which carries usage or nothing. */
  delta: Delta | null;
  /**
   * Whether its text repeats everything that was passed on as reasoning before, which then does not
   * count as reasoning.
   */
  wereThoughts: boolean;
  finishReason: string | null;
  /** The vendor's id of the answer. */
  id: string | null;
  model: string | null;
  /** The usage that the vendor has reported so far. */
  usage: Measured | null;
  /** The error that the vendor reports, which ends the answer. */
  error: UpstreamError | null;
  /** Other fields of the choice and of the chunk, to be passed on. */
  choiceExtras: object;
  extras: object;
}

/** An empty chunk. */
export const NO_CHUNK: Chunk = {
  delta: null,
  wereThoughts: false,
  finishReason: null,
  id: null,
  model: null,
  usage: null,
  error: null,
  choiceExtras: {},
  extras: {},
};

/** The rest of an answer whose stream ends without a finish reason. */
export interface Ending extends Pick<Chunk, "wereThoughts"> {
  delta: Delta;
}

/** Reads the events of one upstream's stream, in order. */
export interface ChunkReader {
  /**
   * Reads one event.
   *
   * @returns null for `[DONE]`.
   * @throws {ApiError} 502 for an event that is not a chunk.
   */
  read(event: SseEvent): Chunk | null;
  /** Whether the calls of tools so far are complete. */
  readonly callsAreWhole: boolean;
  /** The rest of the answer, if the stream ends without a finish reason. */
  end(): Ending;
}

/**
 * Starts to read the stream of an endpoint.
 *
 * @param firstId The id of its first call; absent to keep the vendor's.
 */
export function createChunkReader(target: CalledWith, firstId?: string): ChunkReader {
  const calls = createToolCallIndex(firstId);
  const tags = createThoughtTags(beginsInThoughts(target.sent));
  let isBegun = false;
  let hasThought = false;

  function readChoice(json: object, choices: unknown, about: Chunk): Chunk {
    const choice = firstChoice(choices);
    if (choices != null && !Array.isArray(choices)) {
      throw unknownShape("chunk: choices are no list");
    }
    if (!choice) return about;
    const error: unknown = Reflect.get(choice, "error");
    const reason = reasonOf(choice);
    const failure = failureIn(reason);
    if (error || failure) {
      const measured = measureIn(json)?.usage;
      return {
        ...about,
        error: reportedError(error || { failure, finish_reason: reason }, target, measured),
      };
    }
    const delta = deltaOf(choice, isBegun);
    if (delta === undefined) throw unknownShape("chunk: its delta is no object");
    const chunk = {
      ...about,
      choiceExtras: extrasOf(choice),
      ...readDelta(readMessage(delta ?? {}, hasThought), reason, calls, tags),
    };
    hasThought ||= reasoningText(delta ?? {}) !== "";
    isBegun ||= Object.values(chunk.delta).some((said) => said !== null && said !== "");
    return chunk;
  }

  return {
    read(event) {
      if (/^\s*"?\[done\]"?\s*$/i.test(event.data)) return null;
      if (isHeartbeat(event)) return NO_CHUNK;
      const json = jsonOf(event);
      const reported = typeof json === "object" ? errorReported(json) : json;
      if (typeof json !== "object" || reported || isErrorEvent(event.event)) {
        const error = reportedError(reported || json, target);
        return { ...NO_CHUNK, usage: measureIn(json), error };
      }
      const { choices, ...about } = readAbout(json);
      return readChoice(json, choices, about);
    },
    get callsAreWhole() {
      return calls.isWhole;
    },
    end() {
      const tool_calls = calls.end();
      const { wereThoughts = false, ...text } = tags.end(calls.any ? "calls" : "answer");
      return { delta: { ...text, ...tool_calls.length > 0 && { tool_calls } }, wereThoughts };
    },
  };
}

/** The data of an event; as text, if it is named as an error and is not JSON. */
function jsonOf({ event, data }: SseEvent): object | string {
  try {
    return parseUpstreamJson(data, "chunk");
  } catch (thrown) {
    if (isErrorEvent(event)) return data;
    throw thrown;
  }
}

/** The fields of a chunk other than its choices. */
function readAbout(json: object): Chunk & { choices: unknown } {
  if (Array.isArray(json)) throw unknownShape("chunk: a list");
  const {
    choices,
    id,
    model,
    usage: _usage,
    error: _error,
    object: _object,
    created: _created,
    ...extras
  }: Record<string, unknown> = { ...json };
  return {
    ...NO_CHUNK,
    choices,
    id: typeof id === "string" && id !== "" ? id : null,
    model: typeof model === "string" && model !== "" ? model : null,
    usage: measureIn(json),
    extras,
  };
}

/** The fields of a choice other than its delta. */
function extrasOf(choice: object): object {
  const {
    index: _index,
    delta: _delta,
    message: _message,
    finish_reason: _reason,
    native_finish_reason: _native,
    usage: _usage,
    text: _text,
    error: _error,
    ...extras
  }: Record<string, unknown> = { ...choice };
  return extras;
}

function readDelta(
  { fields, calls }: VendorMessage,
  reason: string | null,
  index: ToolCallIndex,
  tags: ThoughtTags,
) {
  const numbered = [...index.number(calls, reason !== null), ...reason ? index.end() : []];
  const finished = reason ? finishReason(reason, index.any) : null;
  const said = tags.take(fields);
  const held = finished === null ? {} : tags.end(endingOf(finished));
  return {
    delta: {
      ...said,
      ...held.content && { content: (said.content ?? "") + held.content },
      ...numbered.length > 0 && { tool_calls: numbered },
    },
    finishReason: finished,
    wereThoughts: held.wereThoughts ?? false,
  };
}
