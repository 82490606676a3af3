import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import fc from "fast-check";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { structureLength } from "../../../functions/_shared/http/json_structure.ts";
import { readJson } from "../../../functions/_shared/http/read_json.ts";

const LIMIT = 1024;

function post(body: BodyInit): Request {
  return new Request("http://127.0.0.1/", { method: "POST", body });
}

function refuses(body: BodyInit, status: number, code: string, param: string | null = null) {
  return rejects(
    readJson(post(body), LIMIT),
    (error) => {
      ok(error instanceof ApiError);
      deepEqual([error.status, error.code, error.param], [status, code, param]);
      return true;
    },
  );
}

Deno.test("readJson() reads an object", async () => {
  deepEqual(await readJson(post('{"a":[1,{"b":"ü"}]}'), LIMIT), { a: [1, { b: "ü" }] });
});

Deno.test("readJson() accepts a body of exactly the limit", async () => {
  const body = JSON.stringify({ a: "x".repeat(LIMIT - '{"a":""}'.length) });
  equal(body.length, LIMIT);
  ok("a" in await readJson(post(body), LIMIT));
});

Deno.test("readJson() counts the bytes of a body without a content-length", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 100;
      controller.enqueue(new Uint8Array(100).fill(97));
    },
  });
  await refuses(endless, 413, "request_too_large");
  ok(pulled < 2 * LIMIT, `stopped reading after ${pulled} bytes`);
});

Deno.test("readJson() reads characters that two packets share", async () => {
  const bytes = new TextEncoder().encode('{"a":"ü🙂"}');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const body = ReadableStream.from([bytes.slice(0, cut), bytes.slice(cut)]);
    deepEqual(await readJson(post(body), LIMIT), { a: "ü🙂" }, `cut at byte ${cut}`);
  }
  const half = ReadableStream.from([bytes.slice(0, 7)]);
  await rejects(readJson(post(half), LIMIT), { status: 400, code: "invalid_json" });
});

Deno.test("readJson() refuses a content-length above the limit without reading", async () => {
  const request = new Request("http://127.0.0.1/", {
    method: "POST",
    body: "{}",
    headers: { "content-length": "2000000" },
  });
  await rejects(readJson(request, LIMIT), { status: 413 });
});

for (
  const [what, body] of Object.entries({
    "nothing": "",
    "half an object": '{"a":',
    "an array": "[]",
    "a string": '"{}"',
    "null": "null",
    "bytes that are not UTF-8": Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d),
  })
) {
  Deno.test(`readJson() refuses ${what}`, () => refuses(body, 400, "invalid_json"));
}

Deno.test("readJson() refuses an object that nests too deep", () =>
  refuses(`{"a":${"[".repeat(200)}${"]".repeat(200)}}`, 400, "invalid_json"));

Deno.test("readJson() names the field that Postgres could not store", async () => {
  await refuses('{"a":[{"b":"\\u0000"}]}', 400, "invalid_value", "a[0].b");
  await refuses('{"a":[{"b":"\\ud83d"}]}', 400, "invalid_value", "a[0].b");
  await refuses('{"a":{"\\u0000":1}}', 400, "invalid_value", "a");
});

Deno.test("readJson() accepts long strings, and refuses millions of values", async () => {
  const most = 8 * 1024 * 1024;
  const parts = Array.from({ length: 4 }, () => ({ text: '\\"'.repeat(300_000) }));
  deepEqual(await readJson(post(JSON.stringify({ parts })), most), { parts });
  for (const value of ["{}", "0", '""', '"\\\\"']) {
    const body = `{"a":[${`${value},`.repeat(600_000)}0]}`;
    await rejects(readJson(post(body), most), { status: 413, code: "request_too_large" });
  }
});

Deno.test("structureLength() counts what is outside strings", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = JSON.stringify(value);
    const bare = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""');
    equal(structureLength(text, Infinity), bare.length);
  }));
});

Deno.test("readJson() answers any bytes with an object or a 4xx", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 2 * LIMIT }),
    fc.json().map((text) => new TextEncoder().encode(text)),
  );
  await fc.assert(fc.asyncProperty(bytes, async (body) => {
    try {
      equal(typeof await readJson(post(body), LIMIT), "object");
    } catch (error) {
      ok(error instanceof ApiError && error.status >= 400 && error.status < 500, String(error));
    }
  }));
});

Deno.test("readJson() refuses a compressed body as compressed", async () => {
  const zipped = new Blob(['{"a": 1}']).stream().pipeThrough(new CompressionStream("gzip"));
  const body = await new Response(zipped).bytes();
  const request = new Request("http://127.0.0.1", {
    method: "POST",
    headers: { "content-encoding": "gzip" },
    body,
  });
  await rejects(readJson(request, LIMIT), { code: "invalid_json", message: /it is compressed/ });
});

Deno.test("readJson() takes a body that breaks off for a client that disconnected", async () => {
  let sent = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent) controller.error(new Error("gone"));
      else controller.enqueue(new TextEncoder().encode('{"a":'));
      sent = true;
    },
  });
  const request = new Request("http://127.0.0.1", { method: "POST", body });
  await rejects(readJson(request, LIMIT), { code: "client_disconnected", status: 499 });
});

Deno.test("readJson() takes the coding identity for none", async () => {
  const request = (body: Uint8Array<ArrayBuffer>) =>
    new Request("http://127.0.0.1", {
      method: "POST",
      headers: { "content-encoding": "Identity" },
      body,
    });
  equal(typeof await readJson(request(new TextEncoder().encode("{}")), LIMIT), "object");
  await rejects(readJson(request(new Uint8Array([0x7b, 0xff])), LIMIT), {
    code: "invalid_json",
    message: /it is not valid UTF-8/,
  });
});
