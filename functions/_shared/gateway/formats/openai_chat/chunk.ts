import { z } from "zod";
import {
  type CalledWith,
  invalidAnswer,
  reportedError,
  type UpstreamError,
} from "../../call/upstream_error.ts";
import { parseUpstreamJson } from "../../call/upstream_json.ts";
import {
  createToolCallIndex,
  type ToolCallDelta,
  toolCallDelta,
} from "../../quirks/tool_call_index.ts";
import { finishReason, isFailure } from "../../quirks/finish_reasons.ts";
import type { SseEvent } from "../../respond/stream/sse_parser.ts";

const choice = z.looseObject({
  index: z.int().optional(),
  delta: z.looseObject({
    content: z.string().nullish(),
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCallDelta).nullish(),
  }).nullish(),
  finish_reason: z.string().nullish(),
  error: z.unknown().optional(),
});

const chunkSchema = z.looseObject({
  id: z.string().nullish().catch(null),
  // Ours take their place.
  object: z.unknown().optional(),
  created: z.unknown().optional(),
  choices: z.array(choice).nullish(),
  model: z.string().nullish().catch(null),
  usage: z.unknown().optional(),
  error: z.unknown().optional(),
});

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
  /** What the vendor says went wrong, which ends the answer. */
  error: UpstreamError | null;
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
  error: null,
  choiceExtras: {},
  extras: {},
};

/** Reads the events of one upstream's stream, in order. */
export interface ChunkReader {
  /**
   * Reads one event.
   *
   * @returns null for `[DONE]`.
   * @throws {ApiError} 502 for an event that is not a chunk.
   */
  read(event: SseEvent): Chunk | null;
}

/** Begins to read a stream that came from a target. */
export function createChunkReader(target: CalledWith): ChunkReader {
  const calls = createToolCallIndex();
  return {
    read({ event, data }) {
      if (data.trim() === "[DONE]") return null;
      const json = parseUpstreamJson(data, "chunk");
      const parsed = chunkSchema.safeParse(json);
      const reported = Reflect.get(json, "error") || (event === "error" && json);
      if (!parsed.success && !reported) {
        throw invalidAnswer("chunk: not of its shape");
      }
      const {
        choices,
        id,
        model,
        usage,
        error: _error,
        object: _object,
        created: _created,
        ...extras
      } = parsed.data ?? {};
      const about = { id: id ?? null, model: model ?? null, usage, extras };
      const own = choices?.find((candidate) => (candidate.index ?? 0) === 0);
      const failure = reported || own?.error ||
        (isFailure(own?.finish_reason) && own.finish_reason);
      if (failure) return { ...NO_CHUNK, ...about, error: reportedError(failure, target) };
      if (!own) return { ...NO_CHUNK, ...about };
      const { delta, finish_reason, index: _index, error: _none, ...choiceExtras } = own;
      const { tool_calls, ...fields } = delta ?? {};
      return {
        ...NO_CHUNK,
        delta: tool_calls?.length ? { ...fields, tool_calls: calls.number(tool_calls) } : fields,
        finishReason: finish_reason ? finishReason(finish_reason, calls.any) : null,
        choiceExtras,
        ...about,
      };
    },
  };
}
