import { createParser } from "eventsource-parser";

/** One event of a server-sent event stream. */
export interface SseEvent {
  /** The `event` field; "message" where the stream names none. */
  event: string;
  /** The `data` lines, joined by line feeds. */
  data: string;
}

/** Turns the bytes of a stream into events, wherever the stream happens to be cut. */
export interface SseParser {
  /**
   * Takes the next bytes and returns the events that they complete.
   *
   * @throws {RangeError} For an event that is too long.
   */
  push(bytes: Uint8Array): SseEvent[];
  /**
   * Ends the stream and returns what was left without the blank line that completes an event: the
   * last event of a careless server, or half an event of a stream that was cut.
   */
  end(): SseEvent | undefined;
}

/** Characters. A longer event is no chunk of an answer; collecting it further would cost memory. */
const MAX_EVENT_LENGTH = 4 * 1024 * 1024;

/** Makes a parser of server-sent events, after the WHATWG rules. */
export function createSseParser(): SseParser {
  const decoder = new TextDecoder("utf-8");
  let events: SseEvent[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: ({ event, data }) => void events.push({ event: event || "message", data }),
    onError: ({ type }) => {
      // Other errors are lines that are no fields, which the rules say to pass over.
      if (type !== "max-buffer-size-exceeded") return;
      throw new RangeError(`Cannot parse event stream: an event exceeds ${MAX_EVENT_LENGTH}`);
    },
  });

  function feed(text: string): SseEvent[] {
    events = [];
    parser.feed(text);
    return events;
  }

  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => feed(`${decoder.decode()}\n\n`)[0],
  };
}
