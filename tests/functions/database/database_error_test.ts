import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { openaiErrors } from "../../../functions/_shared/http/openai_errors.ts";
import { databaseError } from "../../../functions/_shared/database/database_error.ts";

Deno.test("databaseError() passes a business error on with its status, message and code", () => {
  const error = databaseError({
    code: "PT404",
    message: 'The model "x" does not exist.',
    details: "model_not_found",
    hint: "GET /models lists the models that you may use.",
  }, 404);
  equal(error.status, 404);
  deepEqual(openaiErrors.write(error, null).body, {
    error: {
      message: 'The model "x" does not exist. GET /models lists the models that you may use.',
      type: "invalid_request_error",
      param: null,
      code: "model_not_found",
    },
  });
});

for (
  const [code, status, expected] of [
    ["", 0, 503],
    ["08006", 500, 503],
    ["40001", 500, 503],
    ["53300", 500, 503],
    ["55P03", 500, 503],
    ["57014", 500, 503],
    ["PGRST001", 503, 503],
    [undefined, 502, 503],
    ["23505", 409, 500],
    ["42501", 403, 500],
    ["PGRST202", 404, 500],
    ["PT200", 200, 500],
    ["PT999", 500, 500],
    [undefined, 400, 500],
  ] as const
) {
  Deno.test(`databaseError() makes ${code || "no code"} with status ${status} a ${expected}`, () => {
    const error = databaseError({ code, message: "row of alice@example.com" }, status);
    equal(error.status, expected);
    doesNotMatch(JSON.stringify(openaiErrors.write(error, null)), /alice/);
  });
}

Deno.test("databaseError() keeps details and hints, which may quote rows, out of the log", () => {
  const error = databaseError(
    { code: "23505", message: "duplicate", details: "Key (x)=(secret)" },
    409,
  );
  equal((error.cause as Error).message, "database: 23505: duplicate");
});

Deno.test("a role that may not execute a function is a fault of the deployment: 503", () => {
  for (
    const message of ["permission denied for function f", "permission denied for schema public"]
  ) {
    const error = databaseError({ code: "42501", message }, 403);
    deepEqual([error.status, error.headers["retry-after"]], [503, "2"]);
  }
});

Deno.test("the error of an exhausted budget names the budget in its data", () => {
  const hint = "Wait.\n" + JSON.stringify({
    budget_scope: "user",
    period: "day",
    limit_usd: "2.5",
    resets_at: "2026-01-02T00:00:00+00:00",
  });
  const error = databaseError(
    { code: "PT402", message: "Too dear.", details: "budget_exceeded", hint },
    402,
  );
  deepEqual(openaiErrors.write(error, null).body, {
    error: {
      message: "Too dear. Wait.",
      type: "insufficient_quota",
      param: null,
      code: "budget_exceeded",
      budget_scope: "user",
      period: "day",
      limit: "2.5",
      resets_at: "2026-01-02T00:00:00+00:00",
    },
  });
});

Deno.test("a total budget has no time of reset", () => {
  const hint = "Wait.\n" + JSON.stringify({
    budget_scope: "agent",
    period: "total",
    limit_usd: "1",
    resets_at: null,
  });
  const error = databaseError(
    { code: "PT402", message: "x", details: "budget_exceeded", hint },
    402,
  );
  deepEqual([error.details.resets_at, error.details.period], [null, "total"]);
});

const waits: Record<string, [error: object, headers: Record<string, string>]> = {
  "an open circuit": [
    { code: "PT503", details: "circuit_open", hint: 'Try later.\n{"retry_after_ms": 28400}' },
    { "retry-after": "29", "retry-after-ms": "28400" },
  ],
  "a busy session": [
    { code: "PT409", details: "session_busy", hint: "Wait for that answer." },
    { "retry-after": "1", "retry-after-ms": "1000" },
  ],
  "a request in progress": [
    { code: "PT409", details: "request_in_progress" },
    { "retry-after": "1", "retry-after-ms": "1000" },
  ],
  "an ended session": [{ code: "PT422", details: "session_ended" }, {}],
  "data that are no JSON": [{ code: "PT503", details: "circuit_open", hint: "Wait.\n{oops" }, {}],
  "a sentence that looks like data": [
    { code: "PT503", details: "circuit_open", hint: '{"retry_after_ms": 5}' },
    {},
  ],
};
for (const [what, [error, headers]] of Object.entries(waits)) {
  Deno.test(`${what} says how long to wait, or nothing`, () => {
    deepEqual(databaseError({ message: "x", ...error }, 500).headers, headers);
  });
}

Deno.test("the database's rate limit is a 429 with all headers", () => {
  const hint = 'Try again in 1 s.\n{"limit": 60, "remaining": 0, "retry_after_ms": 900}';
  const error = databaseError(
    { code: "PT429", message: "x", details: "rate_limit_exceeded", hint },
    429,
  );
  deepEqual(
    [error.status, error.code, error.headers["retry-after"], error.headers["retry-after-ms"]],
    [429, "rate_limit_exceeded", "1", "900"],
  );
  deepEqual(error.headers["x-ratelimit-limit-requests"], "60");
});

Deno.test("a code that the functions do not know keeps its status and message", () => {
  const error = databaseError({
    code: "PT423",
    message: "It is locked.",
    details: "locked_by_a_newer_database",
    hint: "Unlock it.",
  }, 423);
  deepEqual([error.status, error.code, error.message], [
    423,
    "request_refused",
    "It is locked. Unlock it.",
  ]);
});
