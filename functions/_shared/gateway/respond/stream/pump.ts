import { ApiError } from "../../../core/errors.ts";
import { clientGone, isAbort } from "../../call/abort_reasons.ts";
import type { Upstream } from "../../call/upstream.ts";
import { interrupted, invalidAnswer, UpstreamError } from "../../call/upstream_error.ts";
import { usageAlone } from "../../quirks/usage_shapes.ts";
import type { StreamedAnswer, TakenEvent } from "../../formats/format.ts";
import type { TurnLimits } from "../../limits.ts";
import type { Answer } from "../../settle/outcome.ts";
import { countUsage } from "../../token_estimate.ts";
import type { ClientSink } from "./client_sink.ts";
import { joinBytes } from "./sse_writer.ts";
import type { SseEvent } from "./sse_event.ts";
import type { SseParser } from "./sse_parser.ts";

/** The parts of a stream. */
export interface StreamParts {
  upstream: Upstream;
  sink: ClientSink;
  /** Translates an event of the upstream into the client's format. */
  chunksOf: (event: SseEvent) => SseEvent[];
  /** Splits the upstream's bytes into events. */
  parser: SseParser;
  answer: StreamedAnswer;
  /** Whether aborting the upstream's call stops its cost. */
  stopsBilling: boolean;
  limits: TurnLimits;
}

/** How a stream ended: the answer so far, and the error that interrupted it, if any. */
export interface Ending {
  answer: Answer;
  error: ApiError | null;
}

/** A running stream. */
export interface TurnStream extends StreamParts {
  /** Resolves to null at the first output, or to the ending of a stream that never had one. */
  opened: Promise<Ending | null>;
  /** Resolves at the end of the upstream. Never rejects. */
  ended: Promise<Ending>;
}

/**
 * Pumps an upstream's answer to the client, and continues without one: after a disconnect the
 * upstream is aborted if that stops its cost; otherwise it is read on, within limits, so that its
 * usage is known. Either way the turn is settled.
 */
export function startStream(parts: StreamParts): TurnStream {
  const { upstream, sink, answer, limits, stopsBilling } = parts;
  const opening = Promise.withResolvers<Ending | null>();
  let drain: ReturnType<typeof setTimeout> | undefined;

  sink.gone.addEventListener("abort", () => {
    const stop = () => upstream.abort(clientGone());
    // A client may disconnect after the last output; waiting a moment for the usage is worth it.
    if (answer.isFinished) drain = setTimeout(stop, limits.drainMs);
    else if (stopsBilling) stop();
    else drain = setTimeout(stop, limits.readOnMs);
  });

  const ended = pump(parts, () => opening.resolve(null)).then((error) => {
    clearTimeout(drain);
    const ending = { answer: account(parts, error), error };
    opening.resolve(ending);
    return ending;
  });
  return { ...parts, opened: opening.promise, ended };
}

/**
 * Ends the client's stream. An error is sent in band, so that a partial answer is never taken for a
 * complete one.
 */
export function endStream({ sink, answer }: StreamParts, ending: Ending): void {
  if (ending.error && answer.breaksOff) return sink.breakOff();
  sink.write(ending.error ? answer.fail(ending.error, ending.answer) : answer.end(ending.answer));
  sink.close();
}

/** Reads the upstream to its end; returns the error that interrupted it. */
async function pump(parts: StreamParts, open: () => void): Promise<ApiError | null> {
  const { sink, answer, upstream, limits } = parts;
  let isLast = false;
  let late: ReturnType<typeof setTimeout> | undefined;
  try {
    for await (const events of readEvents(parts)) {
      const bytes: Uint8Array[] = [];
      try {
        for (const event of events) {
          if (isLast && usageAlone(event.data) === null) continue;
          const taken = take(answer, event);
          if (isLast) continue;
          if (taken.error) return taken.error;
          isLast = taken.isLast;
          if (taken.bytes) bytes.push(taken.bytes);
          if (answer.hasOutput || answer.isFinished) open();
        }
      } finally {
        if (bytes.length > 0) sink.write(joinBytes(bytes));
      }
      if (isLast && answer.answer().usage !== null) break;
      if (isLast) late ??= setTimeout(() => upstream.abort(clientGone()), limits.afterEndMs);
    }
  } catch (thrown) {
    // After the finish reason, an error no longer matters.
    if (answer.isFinished) return null;
    if (!isLast) return thrown instanceof ApiError ? thrown : invalidAnswer(String(thrown));
  } finally {
    clearTimeout(late);
  }
  if (answer.isFinished) return null;
  const completion = isLast ? answer.complete() : null;
  if (!completion) {
    return interrupted(undefined, isLast && answer.hasOutput ? "answer" : "upstream");
  }
  sink.write(completion);
  return null;
}

/** Handles an event. An invalid event after the finish reason is skipped, as usage may follow. */
function take(answer: StreamedAnswer, event: SseEvent): TakenEvent {
  const isFinished = answer.isFinished;
  try {
    return answer.take(event);
  } catch (thrown) {
    if (!isFinished) throw thrown;
    return { bytes: null, isLast: false, error: null };
  }
}

/**
 * The events of the upstream in the batches in which they arrived, no faster than the client reads.
 */
async function* readEvents(
  { upstream, sink, limits, parser, chunksOf }: StreamParts,
): AsyncGenerator<Iterable<SseEvent>, void, void> {
  let readOn = 0;
  for await (const bytes of upstream.read()) {
    yield chunksIn(parser.push(bytes), chunksOf);
    if (sink.gone.aborted) readOn += bytes.byteLength;
    if (readOn > limits.readOnBytes) upstream.abort(clientGone());
    await sink.ready();
  }
  yield chunksIn(parser.end(), chunksOf);
}

/** One by one, so that an invalid event does not lose those before it. */
function* chunksIn(
  events: readonly SseEvent[],
  chunksOf: StreamParts["chunksOf"],
): Generator<SseEvent, void, void> {
  for (const event of events) yield* chunksOf(event);
}

/**
 * Completes the answer with usage estimated from its text, where none was measured. An answer that
 * was cut off may have continued at a vendor that bills it to its end: its usage is unknown.
 */
function account({ answer, stopsBilling }: StreamParts, error: ApiError | null): Answer {
  const soFar = answer.answer();
  const ended = error === null || (error instanceof UpstreamError && !error.mayHaveSold);
  const spent = error === null || answer.hasOutput || isAbort(error);
  const isKnown = spent && (ended || stopsBilling);
  const usage = countUsage(soFar.usage, answer.estimate);
  return { ...soFar, usage: isKnown || !usage.estimated ? usage : null };
}
