import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import type { Handlers, Operation } from "../../../functions/_shared/http/operation.ts";
import type { ErrorFormat } from "../../../functions/_shared/http/error_format.ts";
import { anthropicErrors } from "../../../functions/_shared/gateway/formats/anthropic_messages/errors.ts";
import { respond } from "../../../functions/_shared/http/respond.ts";

const operation = (method: Operation["method"], path: Operation["path"]): Operation => ({
  method,
  path,
  summary: "Test",
  audience: "anyone",
  answers: { status: 200, schema: null },
  errors: [],
});

const operations = {
  ok: operation("GET", "/ok"),
  stream: operation("GET", "/stream"),
  refused: operation("POST", "/refused"),
  broken: operation("GET", "/broken"),
};

const handlers: Handlers<typeof operations> = {
  ok: () => Response.json({ fine: true }),
  stream: () => new Response("data: 1\n\n", { headers: { "cache-control": "no-cache" } }),
  refused: () => {
    throw new ApiError("rate_limit_exceeded", "Cannot go on.", { headers: { "retry-after": "3" } });
  },
  broken: (_request, exchange) => {
    exchange.headers.set("x-session-id", "sess_1");
    throw new TypeError("the password is hush");
  },
};

async function send(
  method: string,
  path: string,
  headers: HeadersInit = {},
  errors?: ErrorFormat,
) {
  const lines: LogFields[] = [];
  const request = new Request(`http://127.0.0.1${path}`, { method, headers });
  const deps = {
    log: (_level: string, fields: LogFields) => void lines.push(fields),
    now: Date.now,
  };
  const response = await respond(request, "test", operations, handlers, deps, errors);
  return { response, lines };
}

for (
  const [method, path, status] of [
    ["GET", "/ok", 200],
    ["GET", "/stream", 200],
    ["POST", "/refused", 429],
    ["GET", "/broken", 500],
    ["GET", "/nowhere", 404],
    ["DELETE", "/ok", 405],
  ] as const
) {
  Deno.test(`${method} ${path}: ${status} has CORS, security and request id, and one line`, async () => {
    const { response, lines } = await send(method, path);
    equal(response.status, status);
    equal(response.headers.get("access-control-allow-origin"), "*");
    const exposed = response.headers.get("access-control-expose-headers")?.split(", ");
    for (const name of ["x-session-id", "x-model-successor", "x-request-id"]) {
      ok(exposed?.includes(name), name);
    }
    equal(response.headers.get("x-content-type-options"), "nosniff");
    ok(response.headers.get("cache-control"));
    match(response.headers.get("x-request-id") ?? "", /^req_[0-9a-f]{32}$/);
    equal(lines.length, 1);
    equal(lines[0]?.request_id, response.headers.get("x-request-id"));
    equal(lines[0]?.status, status);
    await response.body?.cancel();
  });
}

Deno.test("an error has OpenAI's envelope and its own headers", async () => {
  const { response } = await send("POST", "/refused");
  equal(response.headers.get("retry-after"), "3");
  equal(response.headers.get("content-type"), "application/json");
  deepEqual(await response.json(), {
    error: {
      message: "Cannot go on.",
      type: "rate_limit_error",
      param: null,
      code: "rate_limit_exceeded",
    },
  });
});

Deno.test("an error has the envelope of the function's wire format", async () => {
  for (
    const [method, path, status, type] of [
      ["POST", "/refused", 429, "rate_limit_error"],
      ["GET", "/broken", 500, "api_error"],
      ["GET", "/nowhere", 404, "not_found_error"],
      ["DELETE", "/ok", 405, "invalid_request_error"],
    ] as const
  ) {
    const { response } = await send(method, path, {}, anthropicErrors);
    const body = await response.json();
    deepEqual([response.status, body.type, body.error.type], [status, "error", type]);
    ok(body.error.message);
    equal(body.request_id, response.headers.get("request-id"));
  }
});

for (
  const [code, repeat] of [
    ["rate_limit_exceeded", null],
    ["session_busy", null],
    ["upstream_error", null],
    ["server_busy", null],
    ["budget_exceeded", "false"],
    ["invalid_token", "false"],
    ["model_not_found", "false"],
    ["last_owner", "false"],
    ["vendor_not_configured", "false"],
    ["function_misconfigured", "false"],
  ] as const
) {
  Deno.test(`clients ${repeat ? "do not repeat" : "may repeat"} a request refused with ${code}`, async () => {
    const request = new Request("http://127.0.0.1/ok");
    const fail = () => {
      throw new ApiError(code, "Cannot go on.");
    };
    const deps = { log: () => {}, now: Date.now };
    const response = await respond(request, "test", { ok: operations.ok }, { ok: fail }, deps);
    equal(response.headers.get("x-should-retry"), repeat);
    await response.body?.cancel();
  });
}

Deno.test("an unexpected error is a 500 without details for the caller, and the log says where", async () => {
  const { response, lines } = await send("GET", "/broken");
  const body = await response.text();
  doesNotMatch(body, /hush|TypeError|at /);
  match(body, /"code":"internal_error"/);
  match(String(lines[0]?.cause), /TypeError.*respond_test\.ts/);
  equal(response.headers.get("x-session-id"), "sess_1", "headers of the exchange survive an error");
});

Deno.test("a preflight is answered before anything else, with the requested headers", async () => {
  const { response } = await send("OPTIONS", "/anything", {
    "origin": "https://app.example.com",
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization, x-stainless-os,bad header, x-session-id",
  });
  equal(response.status, 204);
  equal(response.headers.get("access-control-allow-origin"), "*");
  equal(
    response.headers.get("access-control-allow-headers"),
    "authorization, x-stainless-os, x-session-id",
  );
  match(response.headers.get("access-control-allow-methods") ?? "", /POST/);
});
