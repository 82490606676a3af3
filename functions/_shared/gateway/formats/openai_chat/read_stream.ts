import type { ApiError } from "../../../core/errors.ts";
import type { Answer } from "../../settle/outcome.ts";
import { estimateUsage, largerUsage } from "../../token_estimate.ts";
import type { AnswerContext, StreamedAnswer } from "../format.ts";
import { createAccumulator } from "./accumulator.ts";
import { type Chunk, createChunkReader } from "./chunk.ts";

/** What a client is sent of an answer that its upstream streams in chunks of OpenAI's chat. */
export interface StreamWriter {
  /** A piece of the answer; null where the client is sent nothing for it. */
  chunk(chunk: Chunk): Uint8Array | null;
  /** What ends the stream of a complete answer. */
  end(answer: Answer): Uint8Array;
  /** What ends the stream of one that broke off. */
  fail(error: ApiError, answer: Answer): Uint8Array;
  /** What is stored to replay the stream; null where nothing is kept. */
  stored(answer: Answer): object | null;
}

/**
 * Reads the chunks of one upstream's answer, and has them written for the client.
 *
 * @param firstId The id of the only call that is read; absent to read all of them with the vendor's ids.
 */
export function readChatStream<Body>(
  { endpoint, promptTokens, startedAt, now }: AnswerContext<Body>,
  writer: StreamWriter,
  firstId?: string,
): StreamedAnswer {
  const reader = createChunkReader(endpoint, firstId);
  const accumulator = createAccumulator(() => now() - startedAt);
  const estimate = () => estimateUsage(promptTokens(), accumulator.text, accumulator.reasoning);

  /** Usage that a vendor tells in the middle says nothing of what comes after it. */
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
    // Some vendors end with [DONE] alone. Clients need a reason.
    complete() {
      const ending = reader.callsAreWhole ? accumulator.ending() : null;
      if (ending === null) return null;
      const tool_calls = reader.endCalls();
      const chunk = tool_calls.length > 0 ? { ...ending, delta: { tool_calls } } : ending;
      accumulator.take(chunk);
      return writer.chunk(chunk) ?? new Uint8Array();
    },
    end: writer.end,
    fail: writer.fail,
    stored: writer.stored,
  };
}
