import { deepEqual, equal, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { createReplyReader, encodeCommands, type RedisReply } from "./resp.ts";

const { reply } = fc.letrec<{ reply: RedisReply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: "small" },
    fc.record({ type: fc.constant("status" as const), text: fc.stringMatching(/^[A-Z ]{0,9}$/) }),
    fc.record({ type: fc.constant("error" as const), message: fc.constant("ERR größer 👋🏽") }),
    fc.record({ type: fc.constant("integer" as const), value: fc.maxSafeInteger() }),
    fc.record({
      type: fc.constant("string" as const),
      bytes: fc.option(fc.uint8Array({ maxLength: 40 })),
    }),
    fc.record({
      type: fc.constant("array" as const),
      items: fc.option(fc.array(tie("reply"), { maxLength: 4 })),
    }),
  ),
}));

/** What a Redis sends for a reply. */
function written(reply: RedisReply): Uint8Array[] {
  const line = (text: string) => Buffer.from(`${text}\r\n`);
  switch (reply.type) {
    case "status":
      return [line(`+${reply.text}`)];
    case "error":
      return [line(`-${reply.message}`)];
    case "integer":
      return [line(`:${reply.value}`)];
    case "string":
      if (reply.bytes === null) return [line("$-1")];
      return [line(`$${reply.bytes.length}`), reply.bytes, line("")];
    case "array":
      if (reply.items === null) return [line("*-1")];
      return [line(`*${reply.items.length}`), ...reply.items.flatMap(written)];
  }
}

/** A stream of bytes in pieces of a given size. */
function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.slice(at, at + size));
  return ReadableStream.from(pieces);
}

function plain(reply: RedisReply): unknown {
  return JSON.parse(
    JSON.stringify(reply, (_key, value) => value instanceof Uint8Array ? value.toHex() : value),
  );
}

Deno.test("replies are read the same however the bytes are cut", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(reply, { maxLength: 5 }),
    fc.integer({ min: 1, max: 30 }),
    async (replies, size) => {
      const next = createReplyReader(inPieces(Buffer.concat(replies.flatMap(written)), size));
      for (const expected of replies) deepEqual(plain(await next()), plain(expected));
      await rejects(next(), /the connection has ended/);
    },
  ));
});

Deno.test("a reply that is cut off or no RESP2 is an error, never a wrong value", async () => {
  for (
    const bytes of ["+OK", ":12", ":1x\r\n", "$5\r\nabc", "$x\r\n", "*2\r\n+OK\r\n", "HTTP/1.1\r\n"]
  ) {
    await rejects(
      createReplyReader(inPieces(Buffer.from(bytes), 3))(),
      /Cannot read a reply/,
      bytes,
    );
  }
});

Deno.test("commands count bytes, not characters, and carry any bytes", () => {
  const bytes = Uint8Array.of(0, 255, 13, 10);
  const sent = Buffer.from(encodeCommands([["SET", "ключ", bytes], ["GET", ""]]));
  equal(
    sent.toString("latin1"),
    "*3\r\n$3\r\nSET\r\n$8\r\n" + Buffer.from("ключ").toString("latin1") +
      "\r\n$4\r\n\x00\xff\r\n\r\n*2\r\n$3\r\nGET\r\n$0\r\n\r\n",
  );
});
