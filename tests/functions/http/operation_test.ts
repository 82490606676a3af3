import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { z } from "zod";
import { match, type Operation, readBody } from "../../../functions/_shared/http/operation.ts";

const operation = (method: Operation["method"], path: Operation["path"]): Operation => ({
  method,
  path,
  summary: "Test",
  audience: "anyone",
  answers: { status: 200, schema: null },
  errors: [],
});

const OPERATIONS = {
  list: operation("GET", "/models"),
  retrieve: operation("GET", "/models/{id+}"),
  rotate: operation("POST", "/keys/rotate"),
  show: operation("POST", "/keys/{id}/decrypt"),
  change: operation("PATCH", "/keys/{id}"),
};

const answer = () => new Response();
const HANDLERS = { list: answer, retrieve: answer, rotate: answer, show: answer, change: answer };

const find = (method: string, path: string) =>
  match(new Request(`http://127.0.0.1${path}`, { method }), OPERATIONS, HANDLERS);

Deno.test("match() finds a path with and without the platform's prefix", () => {
  equal(find("GET", "/models").route, "/models");
  equal(find("GET", "/functions/v1/models").route, "/models");
  equal(find("GET", "/models?limit=1").route, "/models");
  equal(find("HEAD", "/models").route, "/models");
});

Deno.test("match() accepts the surplus slashes of a base URL joined by hand", () => {
  for (const path of ["/models/", "//models", "//models//", "/functions/v1//models/?limit=1"]) {
    equal(find("GET", path).route, "/models", path);
  }
  deepEqual(find("GET", "/models//droid/gpt-4o/").params, { id: "droid/gpt-4o" });
  deepEqual(find("POST", "/keys//k1///decrypt").params, { id: "k1" });
});

Deno.test("match() returns the parameters of a path, decoded once", () => {
  deepEqual(find("GET", "/models/droid/gpt-4o").params, { id: "droid/gpt-4o" });
  deepEqual(find("GET", "/models/droid%2Fgpt-4o").params, { id: "droid/gpt-4o" });
  deepEqual(find("GET", "/models/50%2525").params, { id: "50%25" });
  deepEqual(find("PATCH", "/keys/k1").params, { id: "k1" });
  deepEqual(find("POST", "/keys/k1/decrypt").params, { id: "k1" });
  equal(find("POST", "/keys/rotate").route, "/keys/rotate");
});

for (
  const path of [
    "/",
    "/modelsx",
    "/v1/models",
    "/models/%zz",
    "/models/a%00b",
    "/__proto__",
    "/keys/a/b",
  ]
) {
  Deno.test(`match() does not know ${path}`, () => {
    throws(() => find("GET", path), { status: 404, code: "unknown_path" });
  });
}

Deno.test("match() names the methods of a path that has others", () => {
  throws(() => find("POST", "/models/x"), (error: unknown) => {
    const { status, headers } = error as { status: number; headers: Record<string, string> };
    deepEqual([status, headers["allow"]], [405, "GET, HEAD, OPTIONS"]);
    return true;
  });
});

const body = { schema: z.strictObject({ text: z.string() }), maxBytes: 32 };

Deno.test("readBody() validates what the operation declares", async () => {
  const send = (text: string) =>
    readBody(new Request("http://127.0.0.1/", { method: "POST", body: text }), body);
  deepEqual(await send('{"text": "a"}'), { text: "a" });
  await rejects(send('{"text": 1}'), { status: 400, code: "invalid_type", param: "text" });
  await rejects(send("x".repeat(33)), { status: 413, code: "request_too_large" });
});

Deno.test("readBody() treats a missing body as {} only if the body is optional", async () => {
  const empty = () => new Request("http://127.0.0.1/", { method: "POST" });
  const schema = z.strictObject({ seconds: z.int().default(5) });
  deepEqual(await readBody(empty(), { schema, maxBytes: 32, optional: true }), { seconds: 5 });
  await rejects(readBody(empty(), { schema, maxBytes: 32 }), { status: 400, code: "invalid_json" });
});
