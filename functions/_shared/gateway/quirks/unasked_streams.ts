import type { SseEvent } from "../respond/stream/sse_event.ts";
import { createSseParser } from "../respond/stream/sse_parser.ts";

/*
 * Streams that were not asked for, and whole answers where a stream was asked for. Some servers stream
 * whatever the request says (one-api and its forks behind "force stream"), others never do with tools
 * (older vLLM, Ollama), and some name neither by its content type. From their issue trackers, 21
 * November 2026. Servers behind a proxy that frames nothing write one object a line (application/x-ndjson).
 */

/** Whether the text of an answer is a stream of events. */
export function isStream(text: string): boolean {
  return /^\uFEFF?\s*(data|event|id|retry)?:/.test(text) || eventLines(text) !== null;
}

/** Whether a text begins as an object of JSON does. */
export function isObject(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

/** The events of a stream, as they are sent. */
export function eventBytes(stream: string): Uint8Array {
  return new TextEncoder().encode(eventLines(stream) ?? stream);
}

/** The lines of a text as events, where it has several and each is an object; else null. */
function eventLines(text: string): string | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length < 2 || !lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) return null;
  return lines.map((line) => `data: ${line}\n\n`).join("");
}

/** The events of a stream that came in one piece. */
export function eventsIn(text: string): SseEvent[] {
  const parser = createSseParser();
  const events = parser.push(eventBytes(text));
  return [...events, ...parser.end()];
}

/** A whole answer, as the one event of a stream. */
export function asStream(json: object): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(json)}\n\ndata: [DONE]\n\n`);
}
