import { toApiError } from "../_shared/core/errors.ts";
import { sleep } from "../_shared/core/sleep.ts";
import { failureOf } from "../_shared/gateway/formats/openai_responses/errors.ts";
import { createResponseEvents } from "../_shared/gateway/formats/openai_responses/events.ts";
import type { ResponseFrame } from "../_shared/gateway/formats/openai_responses/response.ts";
import { createSseParser } from "../_shared/gateway/respond/stream/sse_parser.ts";
import { sseEvents } from "../_shared/gateway/respond/stream/sse_writer.ts";
import type { ResponsesDatabase } from "./db.ts";

/** Milliseconds between two times that events are kept, and that a cancellation is noticed. */
const BATCH_MS = 500;

/** How often we try to keep the last events when the database fails. */
const LAST_ATTEMPTS = 5;

/** Bytes that wait for a client which reads slowly; then its stream ends, and it may come back. */
const MOST_QUEUED = 1024 * 1024;

/** A response that goes on without its client. */
export interface BackgroundResponse {
  frame: ResponseFrame;
  /** The stream of its events; rejects where the turn fails before it has one. */
  running: Promise<Response>;
  /** Ends the turn. */
  cancel: () => void;
  database: Pick<ResponsesDatabase, "append">;
}

/** A client that follows a response as long as it likes. */
export interface Follower {
  readonly stream: ReadableStream<Uint8Array>;
  write(bytes: Uint8Array): void;
  close(): void;
}

/** Makes a follower, whose client may leave at any time. */
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
 * Follows a response to its end: keeps its events in batches, and ends its turn once it is cancelled.
 * Never rejects: what cannot be kept is missing for clients that come back, and the turn is settled.
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
    // One that failed is sent again as it was: it may have been kept.
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
    // What a cancelled response says no longer counts.
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

/** The events of a response, whether or not its turn comes to a stream. */
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
    yield* createResponseEvents(frame).fail(failureOf(toApiError(thrown)), null);
  }
}
