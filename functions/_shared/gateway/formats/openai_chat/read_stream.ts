import type { ApiError } from "../../../core/errors.ts";
import type { Answer } from "../../settle/outcome.ts";
import { estimateUsage, largerUsage } from "../../token_estimate.ts";
import type { AnswerContext, StreamedAnswer } from "../format.ts";
import { createAccumulator } from "./accumulator.ts";
import { type Chunk, createChunkReader } from "./chunk.ts";

/** Writes the client's stream for an upstream that streams chunks of OpenAI's chat. */
export interface StreamWriter {
  /** A piece of the answer; null if the client is sent nothing for it. */
  chunk(chunk: Chunk): Uint8Array | null;
  /** The end of the stream of a complete answer. */
  end(answer: Answer): Uint8Array;
  /** The end of the stream after an error. */
  fail(error: ApiError, answer: Answer): Uint8Array;
  /** The value stored to replay the stream; null for none. */
  stored(answer: Answer): object | null;
}

/**
 * Reads the chunks of an upstream's answer and writes the client's stream.
 *
 * @param firstId The id of the only call that is read; absent to read all of them with the vendor's
 * ids.
 */
export function readChatStream<Body>(
  { endpoint, promptTokens, startedAt, now }: AnswerContext<Body>,
  writer: StreamWriter,
  firstId?: string,
): StreamedAnswer {
  const reader = createChunkReader(endpoint, firstId);
  const accumulator = createAccumulator(() => now() - startedAt);
  const estimate = () => estimateUsage(promptTokens(), accumulator.text, accumulator.reasoning);

  /** Usage that is reported in the middle does not cover the rest of the answer. */
  function answer(): Answer {
    const { tool_calls: calls, ...rest } = accumulator.answer();
    const tool_calls = firstId === undefined ? calls : calls?.slice(0, 1) ?? null;
    const soFar = { ...rest, tool_calls };
    if (soFar.usage === null || !accumulator.isBeyondUsage) return soFar;
    return { ...soFar, usage: largerUsage(soFar.usage, estimate()) };
  }

  return {
    take(event) {
      const chunk = reader.read(event);
      if (chunk === null) return { bytes: null, isLast: true, error: null };
      accumulator.take(chunk);
      const { delta, error } = chunk;
      return { bytes: delta && !error ? writer.chunk(chunk) : null, isLast: false, error };
    },
    get isFinished() {
      return accumulator.finishReason !== null;
    },
    get hasOutput() {
      return accumulator.hasOutput;
    },
    get id() {
      return accumulator.id;
    },
    answer,
    estimate,
    // Some vendors send only [DONE] at the end, but clients need a finish reason.
    complete() {
      const ending = reader.callsAreWhole ? accumulator.ending(reader.end()) : null;
      if (ending === null) return null;
      accumulator.take(ending);
      return writer.chunk(ending) ?? new Uint8Array();
    },
    end: writer.end,
    fail: writer.fail,
    stored: writer.stored,
  };
}
