import { parseJson } from "../../core/json.ts";
import type { SseEvent } from "../respond/stream/sse_event.ts";

/*
 * Servers that end an event with one line break instead of two, so that several arrive as one event
 * with many data lines (llmgateway#2334, 19 May 2026, handles both). Others send a list of chunks
 * as one event, as Google's API does for errors.
 */

/**
 * Splits an event with several data lines into the intended events, one for each line that is JSON.
 */
export function separate(event: SseEvent): SseEvent[] {
  if (event.data.startsWith("{") && !event.data.includes("\n")) return [event];
  const list = /^\s*\[\s*\{/.test(event.data) ? parseJson(event.data) : undefined;
  if (Array.isArray(list)) return list.map((one) => ({ ...event, data: JSON.stringify(one) }));
  const lines = event.data.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 2 || isJson(event.data)) return [event];
  if (!lines.every((line) => line.trim() === "[DONE]" || isJson(line))) return [event];
  return lines.map((data) => ({ ...event, data }));
}

function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}
