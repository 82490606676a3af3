import { ApiError } from "../../../core/errors.ts";
import type { TurnLimits } from "../../limits.ts";
import { clientGone, isAbort } from "../../call/abort_reasons.ts";
import type { Answer } from "../../settle/outcome.ts";
import type { CalledEndpoint } from "../../call/endpoint.ts";
import type { Upstream } from "../../call/upstream.ts";
import { interrupted, invalidAnswer, UpstreamError } from "../../call/upstream_error.ts";
import { estimateUsage, wireUsage } from "../../quirks/usage_shapes.ts";
import { type Chunk, createChunkReader, NO_CHUNK } from "../../formats/openai_chat/chunk.ts";
import type { ChunkWriter } from "../../formats/openai_chat/chunk_writer.ts";
import type { ClientSink } from "./client_sink.ts";
import type { ReplayLog } from "../../formats/openai_chat/replay_log.ts";
import { createSseParser, type SseEvent } from "./sse_parser.ts";
import { DONE, sseData } from "./sse_writer.ts";
import type { Accumulator } from "../../formats/openai_chat/accumulator.ts";

/** What a stream is made of. */
export interface StreamParts {
  upstream: Upstream;
  sink: ClientSink;
  writer: ChunkWriter;
  transcript: Accumulator;
  /** Keeps the stream for a repeated request; null where there can be none. */
  recording: ReplayLog | null;
  /** What the model was given, to estimate usage where none was measured. */
  messages: readonly unknown[];
  /** Whether the caller asked for usage. */
  withUsage: boolean;
  target: CalledEndpoint;
  /** Whether ending the upstream's call ends what it costs. */
  stopsBilling: boolean;
  limits: TurnLimits;
}

/** How a stream ended: the answer as far as it came, and what broke it off, if anything did. */
export interface Ending {
  answer: Answer;
  error: ApiError | null;
}

/** A stream under way. */
export interface TurnStream {
  /** Resolves to null at the first chunk, or to the ending of a stream that never had one. */
  opened: Promise<Ending | null>;
  /** Resolves at the end of the upstream. Never rejects. */
  ended: Promise<Ending>;
}

/**
 * Pumps an upstream's answer to the client, and does not depend on one: when it has gone, the upstream
 * is stopped where that saves its cost; else it is read on, within bounds, since what is paid for
 * anyway shall be known. Either way the turn ends like any other.
 */
export function startStream(parts: StreamParts): TurnStream {
  const { upstream, sink, transcript, limits, stopsBilling } = parts;
  const opening = Promise.withResolvers<Ending | null>();
  let drain: ReturnType<typeof setTimeout> | undefined;

  sink.gone.addEventListener("abort", () => {
    const stop = () => upstream.abort(clientGone());
    // A client may leave at the last word; the usage that follows it is worth a moment.
    if (transcript.finishReason !== null) drain = setTimeout(stop, limits.drainMs);
    else if (stopsBilling) stop();
    else drain = setTimeout(stop, limits.readOnMs);
  });

  const ended = pump(parts, () => opening.resolve(null)).then((error) => {
    clearTimeout(drain);
    const ending = { answer: account(parts, error), error };
    opening.resolve(ending);
    return ending;
  });
  return { opened: opening.promise, ended };
}

/**
 * Ends the client's stream. Without an error it ends in `[DONE]`; with one it names the error in
 * band and stops, so that half an answer never passes for a whole one.
 */
export function endStream({ sink, writer, withUsage }: StreamParts, ending: Ending): void {
  if (ending.error) {
    sink.write(sseData(ending.error.toBody()));
  } else {
    if (withUsage && ending.answer.usage) sink.write(writer.usage(wireUsage(ending.answer.usage)));
    sink.write(DONE);
  }
  sink.close();
}

/** Reads the upstream to its end; returns what broke it off. */
async function pump(parts: StreamParts, open: () => void): Promise<ApiError | null> {
  const { upstream, sink, writer, transcript, recording, limits } = parts;
  let readOn = 0;
  const parser = createSseParser();
  const reader = createChunkReader(parts.target);
  let done = false;
  let reported = false;
  const send = (chunk: Chunk) => {
    sink.write(writer.chunk(chunk));
    recording?.take(chunk);
  };
  const take = (event: SseEvent) => {
    const chunk = reader.read(event);
    if (chunk === null) {
      done = true;
      return;
    }
    transcript.take(chunk);
    if (chunk.error) {
      reported = true;
      throw chunk.error;
    }
    if (chunk.delta) send(chunk);
    open();
  };

  try {
    for await (const bytes of upstream.read()) {
      for (const event of parser.push(bytes)) {
        take(event);
        if (done) break;
      }
      if (done) break;
      if (sink.gone.aborted) readOn += bytes.byteLength;
      if (readOn > limits.readOnBytes) upstream.abort(clientGone());
      await sink.ready();
    }
    const last = done ? undefined : parser.end();
    if (last) take(last);
  } catch (thrown) {
    const error = thrown instanceof ApiError ? thrown : invalidAnswer(String(thrown));
    // What breaks off after the last word has broken nothing, unless its vendor says so.
    const harmless = transcript.finishReason !== null && !reported;
    if (!harmless) return error;
  }

  if (transcript.finishReason !== null) return null;
  const { content, tool_calls } = transcript.answer();
  if (!done || (content ?? tool_calls) === null) return interrupted();
  // Some vendors end with [DONE] alone. Clients need a reason.
  send({ ...NO_CHUNK, finishReason: tool_calls ? "tool_calls" : "stop" });
  return null;
}

/**
 * Completes the answer with usage estimated by its text, where nobody counted tokens. An answer that
 * was broken off may have gone on at a vendor that sells it to its end: what that sold nobody knows.
 */
function account(
  { transcript, messages, stopsBilling }: StreamParts,
  error: ApiError | null,
): Answer {
  const answer = transcript.answer();
  const ended = error === null || (error instanceof UpstreamError && !error.mayHaveSold);
  const spent = error === null || transcript.hasOutput || isAbort(error);
  const isKnown = spent && (ended || stopsBilling);
  return {
    ...answer,
    finish_reason: answer.finish_reason ??
      (error ? null : answer.tool_calls ? "tool_calls" : "stop"),
    usage: answer.usage ??
      (isKnown ? estimateUsage(messages, transcript.text, transcript.reasoning) : null),
  };
}
