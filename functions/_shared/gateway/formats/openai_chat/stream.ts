import { openaiErrors } from "../../../http/openai_errors.ts";
import { DONE, sseData } from "../../respond/stream/sse_writer.ts";
import type { Answer } from "../../settle/outcome.ts";
import { estimateUsage, largerUsage } from "../../token_estimate.ts";
import type { AnswerContext, StreamedAnswer } from "../format.ts";
import { createAccumulator } from "./accumulator.ts";
import { type Chunk, createChunkReader, NO_CHUNK } from "./chunk.ts";
import { createChunkWriter } from "./chunk_writer.ts";
import { identityOf } from "./identity.ts";
import { storedStream } from "./replay.ts";
import { createReplayLog } from "./replay_log.ts";
import type { ChatBody } from "./schema.ts";
import { wireUsage } from "./usage.ts";

/** Translates the chunks of one upstream's answer into those that the client is sent. */
export function openChatStream(
  context: AnswerContext<ChatBody>,
  replayBytes: number | null,
): StreamedAnswer {
  const { body, endpoint, promptTokens, startedAt, now } = context;
  const identity = identityOf(context);
  const withUsage = body.stream_options?.include_usage === true;
  const reader = createChunkReader(endpoint);
  const writer = createChunkWriter(identity, withUsage);
  const accumulator = createAccumulator(() => now() - startedAt);
  const log = replayBytes === null ? null : createReplayLog(replayBytes);

  function write(chunk: Chunk): Uint8Array {
    const bytes = writer.chunk(chunk);
    log?.take(chunk);
    return bytes;
  }

  const estimate = () => estimateUsage(promptTokens(), accumulator.text, accumulator.reasoning);

  /** Usage that a vendor tells in the middle says nothing of what comes after it. */
  function answer(): Answer {
    const soFar = accumulator.answer();
    if (soFar.usage === null || !accumulator.isBeyondUsage) return soFar;
    return { ...soFar, usage: largerUsage(soFar.usage, estimate()) };
  }

  return {
    take(event) {
      const chunk = reader.read(event);
      if (chunk === null) return { bytes: null, isLast: true, error: null };
      accumulator.take(chunk);
      const { delta, error } = chunk;
      return { bytes: delta && !error ? write(chunk) : null, isLast: false, error };
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
      const { content, tool_calls } = accumulator.answer();
      if ((content ?? tool_calls) === null) return null;
      const chunk = { ...NO_CHUNK, finishReason: tool_calls ? "tool_calls" : "stop" };
      accumulator.take(chunk);
      return write(chunk);
    },
    end({ usage }) {
      return withUsage && usage ? join(writer.usage(wireUsage(usage)), DONE) : DONE;
    },
    fail: (error) => sseData(openaiErrors.write(error, null).body),
    stored: (answer) => log && storedStream(log, identity, answer),
  };
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
