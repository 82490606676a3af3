/** One event of a server-sent event stream. */
export interface SseEvent {
  /** The `event` field; "message" by default. */
  event: string;
  /** The `data` lines, joined by line feeds. */
  data: string;
  /** A chunk of a binary stream. */
  bytes?: Uint8Array;
}
