import { sleep } from "../_shared/core/sleep.ts";
import type { ResponseEvent } from "../_shared/gateway/formats/openai_responses/events.ts";
import { restoreResponse } from "../_shared/gateway/formats/openai_responses/stored.ts";
import { KEEPALIVE, sseEvents } from "../_shared/gateway/respond/stream/sse_writer.ts";
import type { StoredEvents } from "./db.ts";

/** Milliseconds between two queries for more events. */
const POLL_MS = 500;

/** Milliseconds after which a client has to reconnect: the platform stops a worker after 400 s. */
const MOST_MS = 380_000;

/** The names of the events that end a response. */
const LAST: ReadonlySet<string> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
]);

/** The dependencies of {@linkcode resumeStream}. */
export interface Resumption {
  /** The stored events after the one with this number. */
  events(after: number): Promise<StoredEvents>;
  /** The number of the last event that the client has; -1 for none. */
  after: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Aborts when the worker is about to be stopped. */
  shutdown: AbortSignal;
}

/** The events of a response after those that a client has, until it has ended. */
export async function* resumeStream(
  { events, after, now, shutdown }: Resumption,
): AsyncGenerator<Uint8Array> {
  const until = now() + MOST_MS;
  let last = after;
  while (now() < until && !shutdown.aborted) {
    const stored = await events(last);
    for (const event of stored.events) {
      last = event.sequence_number;
      yield sseEvents([event]);
      if (LAST.has(event.type)) return;
    }
    if (stored.events.length > 0) continue;
    const { hasEnded, ...restored } = restoreResponse(stored.response);
    if (hasEnded) {
      const rest = stored.is_kept ? [] : restored.events.filter(isBehind(last));
      yield sseEvents(rest.length > 0 ? rest : [endOf(restored.response, last)]);
      return;
    }
    yield KEEPALIVE;
    await sleep(POLL_MS, shutdown);
  }
}

function isBehind(after: number) {
  return ({ sequence_number }: ResponseEvent) => sequence_number > after;
}

/**
 * The last event of a response that was cancelled, or whose worker was stopped before it sent one.
 */
function endOf(response: object, last: number): ResponseEvent {
  const status: unknown = Reflect.get(response, "status");
  const type = `response.${status === "cancelled" ? "failed" : String(status)}`;
  return { type, sequence_number: last + 1, response };
}
