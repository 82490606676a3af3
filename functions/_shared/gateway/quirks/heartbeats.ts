import type { SseEvent } from "../respond/stream/sse_event.ts";

/*
 * Heartbeats that are sent as events instead of comments: `data:` (wave-agent#1326, 2 July 2026;
 * Growth-Circle/cadis#362, 11 August 2026), `data: : keepalive` (Vertex AI behind proxies;
 * AIClient2API#695, 21 August 2026), `data: ping`, `data: null`, `event: keepalive`
 * (OmniRoute#1146, 11 April 2026).
 */

const WORD =
  /^[[(<]*(open ?router )?(ping|pong|heart[-_ ]?beat|keep[-_ ]?alive|alive|processing|waiting|queued|null|undefined|ok|\.+)[\])>.!]*$/i;

/**
 * Whether an event is only a heartbeat: it shows that the vendor still works, and has no content.
 */
export function isHeartbeat({ event, data }: SseEvent): boolean {
  const text = data.trim();
  if (text === "" || text.startsWith(":") || WORD.test(text)) return true;
  if (/^[[{]/.test(text)) return false;
  // Events with other names are vendor-specific; those that mention an error are not skipped.
  return event !== "message" && !isErrorEvent(event) && !/error/i.test(text);
}

/**
 * Whether an event does not belong to a vendor's format: a heartbeat, `[DONE]`, or an error as
 * plain text. It is passed to the chunk reader unchanged.
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
