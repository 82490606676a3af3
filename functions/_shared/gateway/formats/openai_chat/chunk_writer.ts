import { functionReason, withFunctionCall } from "../../quirks/function_calls.ts";
import type { Chunk } from "./chunk.ts";
import { sseData } from "../../respond/stream/sse_writer.ts";

/** The fields that all chunks of an answer share. */
export interface AnswerIdentity {
  id: string;
  /** Seconds since the epoch. */
  created: number;
  /** The name under which the caller knows the model. */
  model: string;
  /** Further fields of the first chunk, of other wire formats. */
  opening?: unknown;
}

/** Writes the chunks of one answer as OpenAI does. */
export interface ChunkWriter {
  /** A chunk with a choice. */
  chunk(chunk: Chunk): Uint8Array;
  /** The extra chunk with usage; only for callers who asked for it. */
  usage(usage: object): Uint8Array;
}

/**
 * Makes a writer.
 *
 * @param withUsage Whether the caller asked for usage: then every chunk has the field. Otherwise
 * none has, and there is no chunk without choices, which breaks clients that did not request it.
 * @param forFunctions Whether the caller used OpenAI's earlier `functions` rather than `tools`.
 */
export function createChunkWriter(
  identity: AnswerIdentity,
  withUsage: boolean,
  forFunctions = false,
): ChunkWriter {
  let first = true;

  return {
    chunk({ delta, finishReason, choiceExtras, extras }) {
      const { role: _role, ...fields } = delta ?? {};
      const said = forFunctions ? withFunctionCall(fields) : fields;
      const written = first ? { role: "assistant", ...said } : said;
      const finish_reason = forFunctions ? functionReason(finishReason) : finishReason;
      first = false;
      return sseData({
        ...extras,
        ...identity,
        object: "chat.completion.chunk",
        choices: [{ index: 0, ...choiceExtras, delta: written, finish_reason }],
        ...(withUsage ? { usage: null } : {}),
      });
    },
    usage: (usage) => sseData({ ...identity, object: "chat.completion.chunk", choices: [], usage }),
  };
}
