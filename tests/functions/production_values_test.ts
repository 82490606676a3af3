import { deepEqual, equal, match } from "node:assert/strict";
import { KEYS_LAST_MS, KEYS_MAX_AGE_MS } from "../../functions/_shared/auth/published_keys.ts";
import { ApiError } from "../../functions/_shared/core/errors.ts";
import { TIMEOUT_MS } from "../../functions/_shared/gateway/call/access_token.ts";
import { DEFAULT_LIMITS } from "../../functions/_shared/gateway/limits.ts";
import { RECORDER_LIMITS } from "../../functions/_shared/http/call_recorder.ts";
import { addCorsHeaders, preflight } from "../../functions/_shared/http/cors.ts";
import { openaiErrors } from "../../functions/_shared/http/openai_errors.ts";
import { GUARDED_FETCH_LIMITS } from "../../functions/_shared/net/guarded_fetch.ts";
import { REDIS_PATIENCE } from "../../functions/_shared/redis/client.ts";
import { finishReason } from "../../functions/_shared/gateway/quirks/finish_reasons.ts";
import { PROBE_LIMITS } from "../../functions/health/probe/limits.ts";
import { PATIENCE_MS } from "../../functions/keys/try_key.ts";
import { TOKEN_ENDPOINT_LIMITS } from "../../functions/oauth-tokens/limits.ts";
import { HELLO, startChat } from "./support/chat_fixture.ts";
import { completion } from "./support/upstream_server.ts";

/*
 * Other tests set bounds of their own so that they need not wait. This table has the values that
 * the documentation promises for production: a change of a number requires a change of the page
 * that states it, and of this table.
 */

const [KIB, MIB] = [1024, 1024 * 1024];

Deno.test("a turn has the bounds that failure-modes.md, large-requests.md and late-usage.md name", () => {
  deepEqual(DEFAULT_LIMITS, {
    requestBytes: 1 * MIB,
    embeddingRequestBytes: 3 * MIB,
    chatRequestBytes: 20 * MIB,
    chatBytesInFlight: 24 * MIB,
    upstreamBytes: 64 * MIB,
    firstByteMs: 120_000,
    // The platform gives up after 150 s of silence.
    beginMs: 140_000,
    attempts: 3,
    backoffMs: 500,
    retryAfterMs: 10_000,
    idleMs: 120_000,
    // The platform stops a worker after 400 s.
    totalMs: 380_000,
    commitAfterMs: 2_000,
    keepaliveMs: 15_000,
    queueBytes: 256 * KIB,
    clientStallMs: 60_000,
    drainMs: 5_000,
    afterEndMs: 100,
    readOnMs: 120_000,
    readOnBytes: 16 * MIB,
    recordingBytes: 1 * MIB,
    settleMs: 2_000,
    // Longer than any statement of the functions may run.
    statementMs: 10_000,
    // Four times within 20 seconds.
    lateUsagePausesMs: [1_000, 3_000, 6_000, 10_000],
    lateUsageMs: 5_000,
    lateUsageUntilMs: 390_000,
    settleBackoffMs: 200,
    // A session answers again within ten seconds of the database's return.
    settlePauseMs: 10_000,
    settleUntilMs: 390_000,
  });
});

Deno.test("probes have the bounds that health-probes.md names", () => {
  deepEqual(PROBE_LIMITS, {
    agents: 2_000,
    parallel: 8,
    callMs: 10_000,
    slowMs: 5_000,
    roundMs: 45_000,
    answerBytes: 4 * MIB,
  });
});

Deno.test("calls are recorded with the bounds that operations.md names", () => {
  deepEqual(RECORDER_LIMITS, { batch: 100, waitMs: 2_000, waiting: 1_000, strangers: 60 });
});

Deno.test("Redis may delay an answer for less than 200 ms, and is skipped for five seconds", () => {
  deepEqual(REDIS_PATIENCE, { attempt: 150, later: 2_000, rest: 5_000 });
});

Deno.test("calls to the outside end in ten seconds, their answers are bounded", () => {
  deepEqual(GUARDED_FETCH_LIMITS, { timeoutMs: 10_000, maxBytes: 1 * MIB });
  deepEqual(TOKEN_ENDPOINT_LIMITS, { timeoutMs: 10_000, maxBytes: 64 * KIB });
  equal(PATIENCE_MS, 10_000);
  equal(TIMEOUT_MS, 10_000);
});

Deno.test("the issuer's keys are fetched every ten minutes and outlast its failure for an hour", () => {
  deepEqual([KEYS_MAX_AGE_MS, KEYS_LAST_MS], [10 * 60_000, 60 * 60_000]);
});

Deno.test("a request for chat has at most 2,048 messages", async () => {
  await using chat = startChat(() => completion("hi"));
  const messages = Array.from({ length: 2_049 }, () => HELLO.messages[0]);
  equal((await chat.post({ ...HELLO, messages: messages.slice(1) })).status, 200);
  equal((await chat.post({ ...HELLO, messages })).status, 400);
});

Deno.test("pages of any origin may read these headers of an answer, and keep a preflight for a day", () => {
  const headers = new Headers();
  addCorsHeaders(headers);
  deepEqual(headers.get("access-control-expose-headers")?.split(", ").sort(), [
    "idempotent-replayed",
    "openai-processing-ms",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "server-timing",
    "x-model-successor",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-request-id",
    "x-session-id",
    "x-should-retry",
  ]);
  const { headers: allowed } = preflight(new Request("http://127.0.0.1", { method: "OPTIONS" }));
  equal(allowed.get("access-control-max-age"), "86400");
});

for (
  const [status, type] of [
    [400, "invalid_request_error"],
    [401, "invalid_request_error"],
    [402, "insufficient_quota"],
    [403, "permission_error"],
    [404, "invalid_request_error"],
    [409, "invalid_request_error"],
    [429, "rate_limit_error"],
    [500, "server_error"],
    [503, "server_error"],
  ] as const
) {
  Deno.test(`an error with status ${status} has OpenAI's type ${type}`, () => {
    const { body } = openaiErrors.write(new ApiError("internal_error", "x", { status }), null);
    match(JSON.stringify(body), new RegExp(`"type":"${type}"`));
  });
}

for (
  const [theirs, ours] of [
    ["stop", "stop"],
    ["length", "length"],
    ["content_filter", "content_filter"],
    ["tool_calls", "tool_calls"],
    ["function_call", "tool_calls"],
    ["MAX_TOKENS", "length"],
    ["model_length", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["tool_use", "tool_calls"],
    ["end_turn", "stop"],
    [null, "stop"],
  ] as const
) {
  Deno.test(`a vendor's finish reason ${theirs} is ${ours} to OpenAI's clients`, () => {
    equal(finishReason(theirs, ours === "tool_calls"), ours);
  });
}
