import { toApiError } from "../_shared/core/errors.ts";
import { sleep } from "../_shared/core/sleep.ts";
import { failureOf } from "../_shared/gateway/formats/openai_responses/errors.ts";
import { ResponseEvents } from "../_shared/gateway/formats/openai_responses/events.ts";
import type { ResponseFrame } from "../_shared/gateway/formats/openai_responses/response.ts";
import { createSseParser } from "../_shared/gateway/respond/stream/sse_parser.ts";
import { sseEvents } from "../_shared/gateway/respond/stream/sse_writer.ts";
import type { ResponsesDatabase } from "./db.ts";

/** Milliseconds between two writes of events, which also notice a cancellation. */
const BATCH_MS = 500;

/** Attempts to store the last events when the database fails. */
const LAST_ATTEMPTS = 5;

/** Bytes that are buffered for a slow client; beyond that its stream ends, and it may resume. */
const MOST_QUEUED = 1024 * 1024;

/** A response that continues without its client. */
export interface BackgroundResponse {
  frame: ResponseFrame;
  /** The stream of its events; rejects if the turn fails before there is one. */
  running: Promise<Response>;
  /** Ends the turn. */
  cancel: () => void;
  database: Pick<ResponsesDatabase, "append">;
}

/** A client that follows a response and may disconnect. */
export interface Follower {
  readonly stream: ReadableStream<Uint8Array>;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Creates a follower, whose client may disconnect at any time. */
export function createFollower(): Follower {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      controller = null;
    },
  }, new ByteLengthQueuingStrategy({ highWaterMark: MOST_QUEUED }));
  const close = () => {
    controller?.close();
    controller = null;
  };
  return {
    stream,
    write(bytes) {
      if (controller && (controller.desiredSize ?? 0) <= 0) close();
      controller?.enqueue(bytes);
    },
    close,
  };
}

/**
 * Follows a response to its end: stores its events in batches, and ends its turn if it is
 * cancelled. Never rejects: events that cannot be stored are missing for clients that resume, and
 * the turn is settled.
 */
export async function followResponse(
  { frame, running, cancel, database }: BackgroundResponse,
  follower: Follower | null,
): Promise<void> {
  let waiting: object[] = [];
  let batch: object[] = [];
  let first = 0;
  let isCancelled = false;
  const ended = new AbortController();

  async function flush(): Promise<void> {
    // A failed write is repeated unchanged: it may have been committed.
    if (batch.length === 0) [batch, waiting] = [waiting, []];
    const goesOn = await database.append(frame.turnId, first, batch).catch(() => null);
    if (goesOn === null) return;
    first += batch.length;
    batch = [];
    if (goesOn || isCancelled) return;
    isCancelled = true;
    cancel();
  }

  async function keep(): Promise<void> {
    while (!ended.signal.aborted && !isCancelled) {
      await sleep(BATCH_MS, ended.signal);
      await flush();
    }
  }

  const keeping = keep();
  for await (const event of eventsOf(frame, running)) {
    // Events of a cancelled response are ignored.
    if (isCancelled) continue;
    waiting.push(event);
    follower?.write(sseEvents([event]));
  }
  ended.abort();
  await keeping;
  const isLeft = () => (batch.length > 0 || waiting.length > 0) && !isCancelled;
  for (let attempt = 0; attempt < LAST_ATTEMPTS && isLeft(); attempt++) {
    if (attempt > 0) await sleep(BATCH_MS);
    await flush();
  }
  follower?.close();
}

/** The events of a response, also if its turn fails before it has a stream. */
async function* eventsOf(
  frame: ResponseFrame,
  running: Promise<Response>,
): AsyncGenerator<{ type: string }> {
  const parser = createSseParser();
  const decoded = (events: readonly { data: string }[]) =>
    events.map(({ data }): { type: string } => JSON.parse(data));
  try {
    const { body } = await running;
    for await (const bytes of body ?? []) yield* decoded(parser.push(bytes));
    yield* decoded(parser.end());
  } catch (thrown) {
    yield* new ResponseEvents(frame).fail(failureOf(toApiError(thrown)), null);
  }
}
