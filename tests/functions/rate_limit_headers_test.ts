import { deepEqual, equal } from "node:assert/strict";
import { rateLimitError } from "../../functions/_shared/http/rate_limit_error.ts";
import { duration, rateLimitHeaders } from "../../functions/_shared/http/rate_limit_headers.ts";

Deno.test("durations read as OpenAI writes them, rounded up to a millisecond", () => {
  const expected: [number, string][] = [
    [0, "0ms"],
    [-5, "0ms"],
    [0.2, "1ms"],
    [12, "12ms"],
    [999.5, "1s"],
    [1_000, "1s"],
    [1_500, "1.5s"],
    [59_999, "59.999s"],
    [60_000, "1m0s"],
    [360_000, "6m0s"],
    [90_250, "1m30.25s"],
    [3_600_000, "1h0m0s"],
    [5_400_500, "1h30m0.5s"],
  ];
  for (const [milliseconds, text] of expected) equal(duration(milliseconds), text);
});

Deno.test("a known limit has three headers, an unknown one none", () => {
  deepEqual(rateLimitHeaders({ limit: 60, remaining: 59, reset_ms: 1_000 }), {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
  });
  equal(
    rateLimitHeaders({ limit: 1, remaining: -0.5, reset_ms: 1 })["x-ratelimit-remaining-requests"],
    "0",
  );
  deepEqual(rateLimitHeaders(null), {});
  deepEqual(rateLimitHeaders(undefined), {});
});

Deno.test("a refusal states the limit and the time to wait", () => {
  const error = rateLimitError({ limit: 60, retry_after_ms: 1_001 });
  equal(error.status, 429);
  equal(error.code, "rate_limit_exceeded");
  equal(
    error.message,
    "Cannot take another request: the limit of 60 a minute is reached. Try again in 2 s.",
  );
  deepEqual(error.headers, {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "0",
    "x-ratelimit-reset-requests": "1.001s",
    "retry-after": "2",
    "retry-after-ms": "1001",
  });
});

Deno.test("a refusal without details is still a 429", () => {
  for (const refusal of [null, {}]) {
    const error = rateLimitError(refusal);
    equal(error.status, 429);
    deepEqual(error.headers, { "retry-after": "1", "retry-after-ms": "1000" });
    equal(
      error.message,
      "Cannot take another request: too many requests were sent. Try again in 1 s.",
    );
  }
});
