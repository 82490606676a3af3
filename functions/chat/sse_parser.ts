/** One event of a server-sent event stream. */
export interface SseEvent {
  /** The `event` field; "message" where the stream names none. */
  event: string;
  /** The `data` lines, joined by line feeds. */
  data: string;
}

/** Turns the bytes of a stream into events, wherever the stream happens to be cut. */
export interface SseParser {
  /** Takes the next bytes and returns the events that they complete. */
  push(bytes: Uint8Array): SseEvent[];
  /**
   * Ends the stream and returns what was left without the blank line that completes an event: the
   * last event of a careless server, or half an event of a stream that was cut.
   */
  end(): SseEvent | undefined;
}

/** An event larger than this is no chat chunk; collecting it further would only cost memory. */
const MAX_EVENT_LENGTH = 4 * 1024 * 1024;

/**
 * Makes a parser of server-sent events, after the WHATWG rules: UTF-8 with an optional byte order
 * mark; lines end in LF, CRLF or CR; `:` begins a comment; one space after the colon is dropped.
 */
export function createSseParser(): SseParser {
  const decoder = new TextDecoder("utf-8");
  let line = "";
  let event = "";
  let data: string[] = [];
  let size = 0;
  let afterCarriageReturn = false;

  function endLine(): SseEvent | undefined {
    const text = line;
    line = "";
    if (text !== "") {
      takeField(text);
      return undefined;
    }
    const complete = data.length > 0
      ? { event: event || "message", data: data.join("\n") }
      : undefined;
    event = "";
    data = [];
    size = 0;
    return complete;
  }

  function takeField(text: string): void {
    const colon = text.indexOf(":");
    // A comment is a field without a name, which is none of those below.
    const name = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (name === "data") data.push(value);
    if (name === "event") event = value;
  }

  return {
    push(bytes) {
      const events: SseEvent[] = [];
      const text = decoder.decode(bytes, { stream: true });
      size += text.length;
      let start = 0;
      for (let at = 0; at < text.length; at++) {
        const character = text.charCodeAt(at);
        const ends = character === 10 || character === 13;
        if (ends) {
          line += text.slice(start, at);
          start = at + 1;
          // The LF of a CRLF ends nothing that its CR has not ended.
          if (!(character === 10 && afterCarriageReturn)) {
            const complete = endLine();
            if (complete) events.push(complete);
          }
        }
        afterCarriageReturn = character === 13;
      }
      line += text.slice(start);
      if (size > MAX_EVENT_LENGTH) {
        throw new RangeError(`Cannot parse event stream: an event exceeds ${MAX_EVENT_LENGTH}`);
      }
      return events;
    },
    end() {
      line += decoder.decode();
      if (line !== "") endLine();
      return endLine();
    },
  };
}
