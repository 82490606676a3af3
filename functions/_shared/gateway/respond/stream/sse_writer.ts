import type { SseEvent } from "./sse_event.ts";

const encoder = new TextEncoder();

/** A comment line, which every client ignores: it keeps an idle connection open. */
export const KEEPALIVE: Uint8Array = encoder.encode(": keepalive\n\n");

/** The end of an OpenAI stream. */
export const DONE: Uint8Array = encoder.encode("data: [DONE]\n\n");

/** Writes a value as one event. JSON has no bare line ends, so one `data` line always suffices. */
export function sseData(value: unknown): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(value)}\n\n`);
}

/** Writes events with their types as `event` fields, which some clients need. */
export function sseEvents(events: readonly { type: string }[]): Uint8Array {
  const written = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  return encoder.encode(written.join(""));
}

/** Writes events as they were read: their data may have several lines. */
export function sseText(events: readonly SseEvent[]): string {
  return events.map(({ event, data }) =>
    `event: ${event}\ndata: ${data.replaceAll("\n", "\ndata: ")}\n\n`
  ).join("");
}

/** Concatenates pieces of a stream. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    joined.set(piece, end);
    end += piece.length;
  }
  return joined;
}

/** Headers of every streamed answer. */
export const streamHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};
