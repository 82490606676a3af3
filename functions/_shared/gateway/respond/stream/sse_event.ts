/** One event of a server-sent event stream. */
export interface SseEvent {
  /** The `event` field; "message" where the stream names none. */
  event: string;
  /** The `data` lines, joined by line feeds. */
  data: string;
  /** A piece of a stream that is no text. */
  bytes?: Uint8Array;
}
