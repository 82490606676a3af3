import { deepEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { SseEvent } from "../../../functions/_shared/gateway/respond/stream/sse_event.ts";
import { createSseParser } from "../../../functions/_shared/gateway/respond/stream/sse_parser.ts";

const STREAM = "\uFEFF: a comment\r\n\r\n" +
  'data: {"text":"Grüße 👋🏽"}\n\n' +
  "event: error\r\ndata:no space\r\ndata:  two spaces\r\n\r\n" +
  "id: 7\rdata: carriage returns\r\r" +
  "data\n\n" +
  "data: [DONE]\n\n";

const EVENTS: SseEvent[] = [
  { event: "message", data: '{"text":"Grüße 👋🏽"}' },
  { event: "error", data: "no space\n two spaces" },
  { event: "message", data: "carriage returns" },
  { event: "message", data: "" },
  { event: "message", data: "[DONE]" },
];

const bytes = new TextEncoder().encode(STREAM);

Deno.test("the SSE parser reads the same events wherever the stream is cut in two", () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const parser = createSseParser();
    const events = [...parser.push(bytes.slice(0, cut)), ...parser.push(bytes.slice(cut))];
    deepEqual(events, EVENTS, `cut at byte ${cut}`);
    deepEqual(parser.end(), [], `cut at byte ${cut}`);
  }
});

Deno.test("the SSE parser reads the same events from single bytes", () => {
  const parser = createSseParser();
  const events = [...bytes].flatMap((byte) => parser.push(Uint8Array.of(byte)));
  deepEqual(events, EVENTS);
});

Deno.test("the SSE parser reads a prefix of the events from a stream that stops at any byte", () => {
  for (let cut = 0; cut <= bytes.length; cut++) {
    const events = createSseParser().push(bytes.slice(0, cut));
    deepEqual(events, EVENTS.slice(0, events.length), `stops at byte ${cut}`);
  }
});

Deno.test("the SSE parser emits a last event that no blank line completed", () => {
  const parser = createSseParser();
  deepEqual(parser.push(new TextEncoder().encode("data: whole\n\ndata: ha")), [
    { event: "message", data: "whole" },
  ]);
  deepEqual(parser.end(), [{ event: "message", data: "ha" }]);
  deepEqual(parser.end(), []);
});

Deno.test("the SSE parser reads any data back that was written, in any pieces", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, ""));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), fc.infiniteStream(fc.nat(9)), (lines, sizes) => {
      const encoded = new TextEncoder().encode(lines.map((text) => `data: ${text}\n\n`).join(""));
      const parser = createSseParser();
      const events: SseEvent[] = [];
      for (let at = 0; at < encoded.length;) {
        const size = 1 + (sizes.next().value ?? 0);
        events.push(...parser.push(encoded.slice(at, at + size)));
        at += size;
      }
      // An encoder writes U+FFFD for half of a surrogate pair.
      deepEqual(events.map(({ data }) => data), lines.map((text) => text.toWellFormed()));
    }),
  );
});

Deno.test("the SSE parser gives up on an event that never ends", () => {
  const parser = createSseParser(4 * 1024 * 1024);
  parser.push(new TextEncoder().encode("data: "));
  const mebibyte = new Uint8Array(1024 * 1024).fill(97);
  throws(() => {
    for (let i = 0; i < 5; i++) parser.push(mebibyte);
  }, RangeError);
});
