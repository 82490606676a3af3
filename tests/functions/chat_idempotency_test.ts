import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { type ChatFixture, eventsOf, HELLO, startChat } from "./support/chat_fixture.ts";
import { chunk, completion, data, stream, usageChunk } from "./support/upstream_server.ts";

const KEY = { "idempotency-key": "5b7f6a52" };
const END = data("[DONE]");
const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } };

// deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
type Event = any;

/** Asks with a key, then gives the database the answer that it was told to keep, and asks again. */
async function askTwice(chat: ChatFixture, body: object) {
  const first = await chat.post(body, KEY);
  const firstText = await first.text();
  const { answer } = await chat.database.settled();
  const { turn } = chat.database.turns[0]!;
  chat.database.replay = {
    replay: answer as Record<string, unknown>,
    turn_id: turn.turn_id,
    session_id: "sess_1",
  };
  const second = await chat.post(body, KEY);
  equal(chat.upstream.received.length, 1, "the model was called once");
  equal(chat.database.turns[0]?.outcomes.length, 1, "and settled once");
  deepEqual(
    [second.status, second.headers.get("idempotent-replayed"), second.headers.get("x-session-id")],
    [200, "true", "sess_1"],
  );
  equal(first.headers.get("idempotent-replayed"), null);
  return { first: new Response(firstText), second };
}

Deno.test("a repeated request gets the same answer", async () => {
  await using chat = startChat(() => completion("hi", { system_fingerprint: "fp" }));
  const { first, second } = await askTwice(chat, HELLO);
  deepEqual(await second.json(), await first.json());
  const line = chat.lines.at(-1)!;
  deepEqual([line.replayed, line.attempts], [true, undefined]);
});

Deno.test("a repeated stream is a stream with the same answer", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }),
      chunk({ tool_calls: [{ index: 0, ...call }] }, { finish_reason: "tool_calls" }),
      usageChunk(11, 2),
      END,
    )
  );
  const ask = { ...HELLO, stream: true, stream_options: { include_usage: true } };
  const { first, second } = await askTwice(chat, ask);
  equal(second.headers.get("content-type"), "text/event-stream; charset=utf-8");
  const before = await eventsOf(first) as Event[];
  const [said, end, usage, done, ...more] = await eventsOf(second) as Event[];
  deepEqual(said.choices, [{
    index: 0,
    delta: {
      role: "assistant",
      content: "Hello",
      refusal: null,
      tool_calls: [{ index: 0, ...call }],
    },
    logprobs: null,
    finish_reason: null,
  }]);
  deepEqual(end.choices, [{ index: 0, delta: {}, finish_reason: "tool_calls" }]);
  deepEqual([usage.choices, usage.usage], [[], before.at(-2).usage]);
  deepEqual([done, more], ["[DONE]", []]);
  for (const event of [said, end, usage]) {
    deepEqual(
      [event.id, event.created, event.model, event.object],
      [before[0].id, before[0].created, before[0].model, "chat.completion.chunk"],
    );
  }
  deepEqual([said.usage, end.usage], [null, null]);
});

Deno.test("a repeated stream has no usage that nobody asked for", async () => {
  await using chat = startChat(() =>
    stream(chunk({ content: "hi" }, { finish_reason: "stop" }), usageChunk(1, 1), END)
  );
  const { second } = await askTwice(chat, { ...HELLO, stream: true });
  const events = await eventsOf(second) as Event[];
  equal(events.length, 3);
  equal(events.some((event) => typeof event === "object" && "usage" in event), false);
});

Deno.test("an answer is kept only for a request with a key", async () => {
  await using chat = startChat(() => completion("hi"));
  await (await chat.post(HELLO)).body?.cancel();
  equal("answer" in await chat.database.settled(), false);
  const { request } = chat.database.turns[0]!;
  deepEqual([request.idempotency_key, request.fingerprint], [null, null]);
});

Deno.test("the fingerprint is of the body, whatever the order of its fields", async () => {
  await using chat = startChat(() => completion("hi"));
  const bodies = [
    HELLO,
    { messages: [{ content: "hello", role: "user" }], model: "gpt-4o" },
    { ...HELLO, seed: 1 },
    { ...HELLO, stop: ["a", "b"] },
    { ...HELLO, stop: ["b", "a"] },
    { ...HELLO, logit_bias: { a: 1 } },
    { ...HELLO, logit_bias: [["a", 1]] },
  ];
  for (const body of bodies) await (await chat.post(body, KEY)).body?.cancel();
  const prints = chat.database.turns.map(({ request }) => request.fingerprint!);
  match(prints[0]!, /^[0-9a-f]{64}$/);
  equal(prints[0], prints[1]);
  equal(new Set(prints).size, bodies.length - 1);
  notEqual(prints[0], prints[2]);
  equal(chat.database.turns[0]?.request.idempotency_key, KEY["idempotency-key"]);
});

Deno.test("a key that is an essay is refused", async () => {
  await using chat = startChat(() => completion("hi"));
  const response = await chat.post(HELLO, { "idempotency-key": "x".repeat(256) });
  const { error } = await response.json();
  deepEqual([response.status, error.param], [400, "Idempotency-Key"]);
  equal(chat.database.turns.length, 0);
});
