import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { SettledTurn } from "../../../functions/_shared/redis/mirrors/turn.ts";
import { HELLO, startChat, USER_ID, VENDOR_KEY } from "../support/chat_fixture.ts";
import { chunk, completion, data, stream as streamed } from "../support/upstream_server.ts";

Deno.test("an answer has OpenAI's form, the requested model's name, and its session", async () => {
  await using chat = startChat(() => completion("hi", { system_fingerprint: "fp_1" }));
  const before = Math.floor(Date.now() / 1000);
  const response = await chat.post(HELLO);
  const { turn, request } = chat.database.turns[0]!;
  equal(response.status, 200);
  equal(response.headers.get("x-session-id"), turn.session_id);
  equal(response.headers.get("x-request-id"), request.request_id);
  const { created, ...body } = await response.json();
  ok(created >= before && created <= Date.now() / 1000, `${created}`);
  deepEqual(body, {
    id: `chatcmpl-${turn.turn_id.replaceAll("-", "")}`,
    object: "chat.completion",
    model: "gpt-4o",
    system_fingerprint: "fp_1",
    choices: [{
      index: 0,
      message: { role: "assistant", content: "hi", refusal: null },
      logprobs: null,
      finish_reason: "stop",
    }],
    usage: {
      prompt_tokens: 11,
      completion_tokens: 7,
      total_tokens: 18,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  });
});

Deno.test("an answer for a retired model names the model that answered", async () => {
  for (const stream of [false, true]) {
    await using chat = startChat(() =>
      stream
        ? streamed(chunk({ content: "hi" }, { finish_reason: "stop" }), data("[DONE]"))
        : completion("hi")
    );
    chat.route = { model: "new-model", replaces: "old-model" };
    const response = await chat.post({ ...HELLO, stream });
    await response.text();
    equal(response.headers.get("x-model-successor"), "new-model");
    chat.route = { model: "new-model" };
    equal((await chat.post({ ...HELLO, stream })).headers.get("x-model-successor"), null);
  }
});

Deno.test("an answer is settled once, with its text, usage and timing", async () => {
  await using chat = startChat(() => completion("hi"));
  await (await chat.post(HELLO)).body?.cancel();
  const { caller, outcomes, request } = chat.database.turns[0]!;
  equal(caller.userId, USER_ID);
  deepEqual(request.messages, HELLO.messages);
  equal(outcomes.length, 1);
  const { latency_ms, attempts: [attempt, ...more], ...outcome } = outcomes[0]!;
  deepEqual(outcome, {
    state: "succeeded",
    content: "hi",
    tool_calls: null,
    continuation: null,
    finish_reason: "stop",
    model_used: "vendor-model-0613",
    usage: {
      input_tokens: 11,
      output_tokens: 7,
      cached_input_tokens: 0,
      cache_write_tokens: 0,
      reasoning_tokens: 0,
      estimated: false,
    },
    provider_cost: null,
    first_token_ms: null,
    vendor_id: "openrouter",
    service_id: "openrouter_gpt4o",
    error: null,
    mirror: false,
  });
  equal(more.length, 0);
  deepEqual(
    [attempt?.attempt, attempt?.vendor_id, attempt?.service_id, attempt?.status],
    [1, "openrouter", "openrouter_gpt4o", "succeeded"],
  );
  equal(attempt?.upstream_status, 200);
  ok(latency_ms >= attempt!.latency_ms && attempt!.latency_ms >= attempt!.first_byte_ms!);
  ok(!Number.isNaN(Date.parse(attempt!.started_at)));
});

Deno.test("tool calls are passed on and stored", async () => {
  const calls = [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }];
  const message = { role: "assistant", content: null, tool_calls: calls };
  await using chat = startChat(() =>
    completion("", { choices: [{ index: 0, message, finish_reason: "tool_calls" }] })
  );
  const { choices } = await (await chat.post(HELLO)).json();
  deepEqual(choices[0].message.tool_calls, calls);
  equal(choices[0].finish_reason, "tool_calls");
  const outcome = await chat.database.settled();
  deepEqual([outcome.content, outcome.tool_calls], [null, calls]);
});

Deno.test("an answer with tool calls has the finish reason tool_calls, whatever its vendor says", async () => {
  const calls = [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" } }];
  const message = { role: "assistant", content: null, tool_calls: calls };
  await using chat = startChat(() =>
    completion("", { choices: [{ index: 0, message, finish_reason: "stop" }] })
  );
  const { choices } = await (await chat.post(HELLO)).json();
  equal(choices[0].finish_reason, "tool_calls");
  equal((await chat.database.settled()).finish_reason, "tool_calls");
});

Deno.test("missing usage is estimated, and marked as an estimate", async () => {
  await using chat = startChat(() => completion("twelve chars", { usage: undefined }));
  const { usage } = await (await chat.post(HELLO)).json();
  equal(usage.estimated, true);
  equal(usage.completion_tokens, 3);
  const outcome = await chat.database.settled();
  deepEqual([outcome.usage?.estimated, outcome.usage?.output_tokens], [true, 3]);
  ok(outcome.usage!.input_tokens > 0);
});

Deno.test("a character that cannot be stored does not cost the turn", async () => {
  await using chat = startChat(() => completion("a\u0000b\ud83d"));
  equal((await chat.post(HELLO)).status, 200);
  equal((await chat.database.settled()).content, "ab\ufffd");
});

Deno.test("a session id of the header continues a session", async () => {
  await using chat = startChat(() => completion("hi"));
  const response = await chat.post(HELLO, { "x-session-id": "sess_known" });
  equal(response.headers.get("x-session-id"), "sess_known");
  equal(chat.database.turns[0]?.request.session_id, "sess_known");
});

Deno.test("one line is logged per request, with neither content nor secrets", async () => {
  await using chat = startChat(() => completion("a private answer"));
  await (await chat.post({ ...HELLO, messages: [{ role: "user", content: "a private question" }] }))
    .body?.cancel();
  const line = await chat.logged;
  equal(chat.lines.length, 1);
  deepEqual(
    [
      line.event,
      line.status,
      line.user_id,
      line.model,
      line.vendor_id,
      line.turn_state,
      line.stream,
    ],
    ["request", 200, USER_ID, "gpt-4o", "openrouter", "succeeded", false],
  );
  equal(line.turn_id, chat.database.turns[0]?.turn.turn_id);
  const text = JSON.stringify(chat.lines);
  ok(!text.includes("private") && !text.includes(VENDOR_KEY), text);
  match(String(line.request_id), /^req_/);
});

Deno.test("an answer and its log line have the server timing", async () => {
  await using chat = startChat(() => completion("hi"));
  const response = await chat.post(HELLO);
  const timing = response.headers.get("server-timing") ?? "";
  for (const phase of ["auth", "begin", "decrypt", "upstream", "settle"]) {
    match(timing, new RegExp(`(^|, )${phase};dur=\\d+(\\.\\d)?(,|$)`));
    equal(typeof (await chat.logged)[`${phase}_ms`], "number");
  }
  equal((await chat.logged).attempts, 1);
  await response.body?.cancel();
});

Deno.test("the rate limit headers come from whichever of Redis and Postgres counted the call", async () => {
  await using chat = startChat(() => completion("hi"), {
    turn: { rate_limit: { limit: 60, remaining: 59, reset_ms: 1000 } },
  });
  const byDatabase = await chat.post(HELLO);
  equal(chat.database.turns[0]?.request.rate_limit, true);
  equal(byDatabase.headers.get("x-ratelimit-remaining-requests"), "59");
  await byDatabase.body?.cancel();

  const limits = {
    organization_id: crypto.randomUUID(),
    organization_per_minute: 600,
    user_per_minute: 60,
  };
  chat.deps.limiter = {
    count: () => Promise.resolve({ limit: 60, remaining: 12, reset_ms: 1000, limits }),
    learn: () => {},
    forget: () => {},
  };
  const byRedis = await chat.post(HELLO);
  equal(chat.database.turns[1]?.request.rate_limit, false);
  deepEqual(chat.database.turns[1]?.request.counted_limits, limits);
  equal(byRedis.headers.get("x-ratelimit-remaining-requests"), "12");
  await byRedis.body?.cancel();
});

Deno.test("the cache gets a settled turn with its answer, and a failed one without", async () => {
  let fails = false;
  await using chat = startChat(() =>
    fails ? new Response(null, { status: 400 }) : completion("hi")
  );
  const told: SettledTurn[] = [];
  chat.deps.cache = { write: (turn) => Promise.resolve(void told.push(turn)) };
  await (await chat.post(HELLO)).body?.cancel();
  fails = true;
  await (await chat.post(HELLO)).body?.cancel();
  deepEqual(told.map(({ answer }) => answer), [{ role: "assistant", content: "hi" }, null]);
  equal(told[0]?.sessionId, chat.database.turns[0]?.turn.session_id);
  equal((await chat.database.settled()).mirror, true);
});
