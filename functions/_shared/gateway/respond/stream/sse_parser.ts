import { createParser } from "eventsource-parser";
import { separate } from "../../quirks/joined_events.ts";
import { errorLine } from "../../quirks/unframed_errors.ts";
import type { SseEvent } from "./sse_event.ts";

/** Parses the bytes of a stream into events, at any chunk boundaries. */
export interface SseParser {
  /**
   * Parses the next bytes and returns the events that they complete.
   *
   * @throws {RangeError} For an event that is too long.
   */
  push(bytes: Uint8Array): SseEvent[];
  /**
   * Ends the stream and returns the event that lacks its final blank line: the last event of some
   * servers, or a part of one if the stream was cut.
   */
  end(): SseEvent[];
}

/** Characters. An event may hold an image of many megabytes; a longer one would cost memory. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/**
 * Makes a parser of server-sent events, after the WHATWG rules.
 *
 * @param maxLength Characters that an event may have.
 */
export function createSseParser(maxLength = MAX_EVENT_LENGTH): SseParser {
  const decoder = new TextDecoder("utf-8");
  let events: SseEvent[] = [];
  /**
   * The beginning of a line, in the pieces in which it arrived, so that a long line is scanned
   * once.
   */
  let line: string[] = [];
  let length = 0;
  const parser = createParser({
    maxBufferSize: maxLength,
    onEvent: ({ event, data }) => void events.push({ event: event || "message", data }),
    onError: ({ type, line = "" }) => {
      if (type === "max-buffer-size-exceeded") throw tooLong();
      // What is left are unknown fields, which must be ignored.
      const data = type === "unknown-field" ? errorLine(line) : null;
      if (data !== null) events.push({ event: "error", data });
    },
  });

  function feed(text: string): SseEvent[] {
    length += text.length;
    if (length > maxLength) throw tooLong();
    line.push(text);
    if (!/[\r\n]/.test(text)) return [];
    events = [];
    parser.feed(line.join(""));
    [line, length] = [[], 0];
    return events.flatMap(separate);
  }

  return {
    push: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => feed(`${decoder.decode()}\n\n`),
  };
}

/** Creates a parser of a binary stream: each piece is an event, and `[DONE]` its end. */
export function createByteParser(): SseParser {
  return {
    push: (bytes) => [{ event: "bytes", data: "", bytes }],
    end: () => [{ event: "end", data: "[DONE]" }],
  };
}

function tooLong(): RangeError {
  return new RangeError("Cannot parse event stream: an event is too long");
}
