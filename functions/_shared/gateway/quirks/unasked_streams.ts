import { createSseParser, type SseEvent } from "../respond/stream/sse_parser.ts";

/*
 * Streams that were not asked for, and whole answers where a stream was asked for. Some servers stream
 * whatever the request says (one-api and its forks behind "force stream"), others never do with tools
 * (older vLLM, Ollama), and some name neither by its content type. From their issue trackers, 21
 * November 2026.
 */

/** Whether the text of an answer is a stream of events. */
export function isStream(text: string): boolean {
  return /^\uFEFF?\s*(data|event|id|retry)?:/.test(text);
}

/** The events of a stream that came in one piece. */
export function eventsIn(text: string): SseEvent[] {
  const parser = createSseParser();
  const events = parser.push(new TextEncoder().encode(text));
  return [...events, ...parser.end()];
}

/** A whole answer, as the one event of a stream. */
export function asStream(json: object): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(json)}\n\ndata: [DONE]\n\n`);
}
