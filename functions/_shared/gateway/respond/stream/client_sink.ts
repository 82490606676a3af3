import { createIdleTimer } from "../../../core/idle_timer.ts";
import type { TurnLimits } from "../../limits.ts";
import { KEEPALIVE } from "./sse_writer.ts";

/** The client's end of a stream. Nothing that is written to it can fail or block indefinitely. */
export interface ClientSink {
  /** The body to answer with. */
  readonly stream: ReadableStream<Uint8Array>;
  /** Aborts when the client has disconnected, or has read nothing for too long. */
  readonly gone: AbortSignal;
  /** Queues bytes; drops them if the client has disconnected. */
  write(bytes: Uint8Array): void;
  /** Resolves when there is room in the queue, or the client has disconnected. */
  ready(): Promise<void>;
  /** Ends the stream. */
  close(): void;
  /** Aborts the stream, so that the client notices that it is incomplete. */
  breakOff(): void;
}

/**
 * Makes a sink.
 *
 * A disconnected client is detected by the cancelled stream, not by `request.signal`, which Deno
 * also aborts after an answer was delivered in full.
 *
 * @param source Aborts when nothing more will come, which ends the wait for room.
 * @param keepaliveBytes Bytes that keep an idle connection open; null for none.
 */
export function createClientSink(
  { queueBytes, clientStallMs, keepaliveMs }: TurnLimits,
  source: AbortSignal,
  keepaliveBytes: Uint8Array | null = KEEPALIVE,
): ClientSink {
  const left = new AbortController();
  let open = true;
  let wake = () => {};
  let controller: ReadableStreamDefaultController<Uint8Array>;

  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
      source.addEventListener("abort", () => wake());
    },
    pull: () => wake(),
    cancel: () => leave(),
  }, new ByteLengthQueuingStrategy({ highWaterMark: queueBytes }));

  const hasRoom = () => (controller.desiredSize ?? 0) > 0;

  function stop(): void {
    open = false;
    keepalive.stop();
    wake();
  }

  function leave(): void {
    stop();
    left.abort();
  }

  const keepalive = createIdleTimer(keepaliveMs, () => {
    if (keepaliveBytes && hasRoom()) controller.enqueue(keepaliveBytes);
  });

  return {
    stream,
    gone: left.signal,
    write(bytes) {
      if (!open) return;
      controller.enqueue(bytes);
      keepalive.touch();
    },
    async ready() {
      if (!open || hasRoom() || source.aborted) return;
      let stalled: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        stalled = setTimeout(() => {
          controller.error(new Error("Cannot continue: the client does not read"));
          leave();
        }, clientStallMs);
      });
      clearTimeout(stalled);
    },
    close() {
      if (!open) return;
      stop();
      controller.close();
    },
    breakOff() {
      if (!open) return;
      stop();
      controller.error(new Error("The answer is incomplete"));
    },
  };
}
