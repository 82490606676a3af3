import type { SseEvent } from "../respond/stream/sse_event.ts";

/*
 * Signs of life that are sent as events, where comments would do: `data:` (wave-agent#1326, 2 July
 * 2026; Growth-Circle/cadis#362, 11 August 2026), `data: : keepalive` (Vertex AI behind proxies;
 * AIClient2API#695, 21 August 2026), `data: ping`, `data: null`, `event: keepalive` (OmniRoute#1146,
 * 11 April 2026).
 */

const WORD =
  /^[[(<]*(open ?router )?(ping|pong|heart[-_ ]?beat|keep[-_ ]?alive|alive|processing|waiting|queued|null|undefined|ok|\.+)[\])>.!]*$/i;

/** Whether an event is only a heartbeat: it shows that the vendor still works, and has no content. */
export function isHeartbeat({ event, data }: SseEvent): boolean {
  const text = data.trim();
  if (text === "" || text.startsWith(":") || WORD.test(text)) return true;
  if (/^[[{]/.test(text)) return false;
  // Events of other names are the vendor's own; those that name an error are not passed over.
  return event !== "message" && !isErrorEvent(event) && !/error/i.test(text);
}

/**
 * Whether an event is in none of the formats of vendors: a sign of life, `[DONE]`, or an error as plain
 * text. The reader of chunks takes it as it is.
 */
export function isForeign(event: SseEvent): boolean {
  const text = event.data.trim();
  return isHeartbeat(event) || text === "[DONE]" ||
    (isErrorEvent(event.event) && !text.startsWith("{"));
}

/** Whether an event is named as one that reports an error. */
export function isErrorEvent(event: string): boolean {
  return /error|exception/i.test(event);
}
