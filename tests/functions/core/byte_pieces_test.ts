import { deepEqual, equal, rejects } from "node:assert/strict";
import { bytePieces } from "../../../functions/_shared/core/byte_pieces.ts";

const said = ["one", "two", "three"];
const encoder = new TextEncoder();

/** A source of three words that counts its allocations, and records whether it was cancelled. */
function createSource(ends: (fail: (error: Error) => void, close: () => void) => void) {
  const words = said.values();
  const source = { stream: new ReadableStream<Uint8Array>(), allocated: 0, cancelled: false };
  source.stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { value } = words.next();
      const request = controller.byobRequest;
      if (value === undefined) {
        ends((error) => controller.error(error), () => controller.close());
        request?.respond(0);
        return;
      }
      const bytes = encoder.encode(value);
      if (!request?.view) {
        source.allocated++;
        return controller.enqueue(bytes);
      }
      const { buffer, byteOffset, byteLength } = request.view;
      new Uint8Array(buffer, byteOffset, byteLength).set(bytes);
      request.respond(bytes.length);
    },
    cancel: () => void (source.cancelled = true),
  });
  return source;
}

async function read(stream: ReadableStream<Uint8Array>, atMost = Infinity): Promise<string[]> {
  const texts: string[] = [];
  for await (const bytes of bytePieces(stream)) {
    texts.push(new TextDecoder().decode(bytes));
    if (texts.length >= atMost) break;
  }
  return texts;
}

Deno.test("bytePieces() reads a stream of bytes into its own buffer", async () => {
  const source = createSource((_fail, close) => close());
  deepEqual([await read(source.stream), source.allocated], [said, 0]);
});

Deno.test("bytePieces() reads a stream that makes its pieces itself", async () => {
  deepEqual(await read(ReadableStream.from(said.map((word) => encoder.encode(word)))), said);
});

Deno.test("bytePieces() cancels a stream when its reader stops", async () => {
  const source = createSource((_fail, close) => close());
  deepEqual([await read(source.stream, 2), source.cancelled], [said.slice(0, 2), true]);
});

Deno.test("bytePieces() passes on the error that ends a stream", async () => {
  const source = createSource((fail) => fail(new Error("cut")));
  await rejects(read(source.stream), /cut/);
  equal(source.cancelled, false);
});
