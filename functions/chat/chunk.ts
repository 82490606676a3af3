import { z } from "zod";
import { readUpstreamJson } from "../_shared/turn/upstream_json.ts";
import { finishReason } from "./finish_reason.ts";
import type { SseEvent } from "./sse_parser.ts";

const toolCallDelta = z.looseObject({
  index: z.int().nonnegative().optional(),
  id: z.string().nullish(),
  function: z.looseObject({
    name: z.string().nullish(),
    arguments: z.string().nullish(),
  }).nullish(),
});

const choice = z.looseObject({
  index: z.int().optional(),
  delta: z.looseObject({
    content: z.string().nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCallDelta).nullish(),
  }).nullish(),
  finish_reason: z.string().nullish(),
});

const chunkSchema = z.looseObject({
  id: z.string().nullish().catch(null),
  // Ours take their place.
  object: z.unknown().optional(),
  created: z.unknown().optional(),
  choices: z.array(choice).nullish(),
  model: z.string().nullish().catch(null),
  usage: z.unknown().optional(),
});

/** A piece of one tool call. */
export type ToolCallDelta = z.infer<typeof toolCallDelta> & { index: number };

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
  finishReason: string | null;
  /** By what the vendor knows the answer. */
  id: string | null;
  model: string | null;
  usage: unknown;
  /** Other fields of the choice and of the chunk, to be passed on. */
  choiceExtras: object;
  extras: object;
}

/** A chunk that says nothing. */
export const NO_CHUNK: Chunk = {
  delta: null,
  finishReason: null,
  id: null,
  model: null,
  usage: undefined,
  choiceExtras: {},
  extras: {},
};

/**
 * Reads one event of an upstream's stream.
 *
 * @returns null for `[DONE]`.
 * @throws {ApiError} 502 for an event that reports an error or is not a chunk.
 */
export function readChunk({ event, data }: SseEvent, secret: string): Chunk | null {
  if (data.trim() === "[DONE]") return null;
  const chunk = readUpstreamJson(data, "chunk", chunkSchema, secret, event === "error");
  const { choices, id, model, usage, object: _object, created: _created, ...extras } = chunk;
  const about = { id: id ?? null, model: model ?? null, usage, extras };
  const own = choices?.find((candidate) => (candidate.index ?? 0) === 0);
  if (!own) return { ...NO_CHUNK, ...about };
  const { delta, finish_reason, index: _index, ...choiceExtras } = own;
  const { tool_calls, ...fields } = delta ?? {};
  return {
    // Some vendors leave out the index of a call that comes in one piece.
    delta: tool_calls?.length
      ? {
        ...fields,
        tool_calls: tool_calls.map((call, at) => ({ ...call, index: call.index ?? at })),
      }
      : fields,
    finishReason: finish_reason ? finishReason(finish_reason) : null,
    choiceExtras,
    ...about,
  };
}
