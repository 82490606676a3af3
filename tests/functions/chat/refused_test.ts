import { deepEqual, equal } from "node:assert/strict";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { completion } from "../support/upstream_server.ts";

const ORGANIZATION = "00000000-0000-4000-8000-0000000000ac";
const counted = { limit: 9, remaining: 8, reset_ms: 1 };

for (
  const [status, code, counts] of [
    [400, "model_required", 1],
    [402, "budget_exceeded", 1],
    [403, "agent_disabled", 1],
    [404, "model_not_found", 1],
    [409, "session_busy", 1],
    [422, "session_ended", 1],
    [401, "token_expired", 0],
    [429, "rate_limit_exceeded", 0],
    [500, "internal_error", 0],
    [503, "circuit_open", 0],
  ] as const
) {
  Deno.test(`a call that the database refuses with ${status} is counted ${counts} times`, async () => {
    await using chat = startChat(() => completion("hi"));
    chat.database.beginTurn = () => Promise.reject(new ApiError(code, "No."));
    equal((await chat.post(HELLO)).status, status);
    equal(chat.database.refused, counts);
  });
}

Deno.test("a refused body counts against the rate limit of a known caller", async () => {
  await using chat = startChat(() => completion("hi"));
  equal((await chat.post({ messages: [] })).status, 400);
  equal((await chat.post("x")).status, 400);
  equal(chat.database.refused, 2);
  equal((await chat.embed({ input: [] })).status, 400);
  equal(chat.database.refused, 3);
  chat.deps.authenticate = () => Promise.reject(new ApiError("missing_token", "No."));
  equal((await chat.post({ messages: [] })).status, 401);
  equal(chat.database.refused, 3);
});

Deno.test("Redis learns a caller's limits from a refused call too, and counts the next", async () => {
  const limits = { organization_id: ORGANIZATION, organization_per_minute: 5, user_per_minute: 2 };
  const learned: unknown[] = [];
  await using chat = startChat(() => completion("hi"));
  chat.deps.limiter.learn = (_who, limits) => void learned.push(limits);
  chat.database.countRefusedCall = () => Promise.resolve({ limits });
  equal((await chat.post({ messages: [] })).status, 400);
  deepEqual(learned, [limits]);
});

Deno.test("a caller who only sends invalid requests gets a 429", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.database.countRefusedCall = () =>
    Promise.reject(new ApiError("rate_limit_exceeded", "Too many."));
  equal((await chat.post({ messages: [] })).status, 429);
});

Deno.test("a refused call gets its reason although the database cannot count it", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.database.countRefusedCall = () =>
    Promise.reject(new ApiError("database_unavailable", "No."));
  const response = await chat.post({ messages: [] });
  equal(response.status, 400);
  equal((await response.json()).error.param, "messages");
});

Deno.test("the database learns for whom Redis counted, before the body is read", async () => {
  await using chat = startChat(() => completion("hi"));
  const limits = {
    organization_id: ORGANIZATION,
    organization_per_minute: 600,
    user_per_minute: 60,
  };
  chat.deps.limiter.count = () => Promise.resolve({ ...counted, limits });
  await (await chat.post(HELLO)).body?.cancel();
  const { rate_limit, counted_limits } = chat.database.turns[0]!.request;
  deepEqual([rate_limit, counted_limits], [false, limits]);
  equal((await chat.post({ messages: [] })).status, 400);
  equal(chat.database.refused, 0, "Redis counted it");
});
