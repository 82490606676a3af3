import type { SseEvent } from "../respond/stream/sse_event.ts";
import { createSseParser } from "../respond/stream/sse_parser.ts";

/*
 * Streams that were not requested, and whole answers to requests for a stream. Some servers always
 * stream (one-api and its forks with "force stream"), others never with tools (older vLLM, Ollama),
 * and some send the wrong content type. From their issue trackers, 21 November 2026. Some servers
 * send one object per line, without event framing (application/x-ndjson).
 */

/** Whether the text of an answer is a stream of events. */
export function isStream(text: string): boolean {
  return /^\uFEFF?\s*(data|event|id|retry)?:/.test(text) || eventLines(text) !== null;
}

/** Whether a text begins like a JSON object. */
export function isObject(text: string): boolean {
  return /^\uFEFF?\s*\{/.test(text);
}

/** Encodes a stream of events as bytes. */
export function eventBytes(stream: string): Uint8Array {
  return new TextEncoder().encode(eventLines(stream) ?? stream);
}

/** Converts the lines of a text to events if there are several and each is an object; else null. */
function eventLines(text: string): string | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length < 2 || !lines.every((line) => /^\s*\{.*\}\s*$/.test(line))) return null;
  return lines.map((line) => `data: ${line}\n\n`).join("");
}

/** Parses the events of a whole stream. */
export function eventsIn(text: string): SseEvent[] {
  const parser = createSseParser();
  const events = parser.push(eventBytes(text));
  return [...events, ...parser.end()];
}

/** Encodes a whole answer as the only event of a stream. */
export function asStream(json: object): Uint8Array {
  return new TextEncoder().encode(`data: ${JSON.stringify(json)}\n\ndata: [DONE]\n\n`);
}
