import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { type ChatFixture, eventsOf, HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, completion, data, stream, usageChunk } from "../support/upstream_server.ts";

const KEY = { "idempotency-key": "5b7f6a52" };
const END = data("[DONE]");
const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } };

// deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
type Event = any;

/** Sends a request with a key, lets the database return the stored answer, and sends it again. */
async function askTwice(chat: ChatFixture, body: object) {
  const first = await chat.post(body, KEY);
  const firstText = await first.text();
  await chat.database.settled();
  const { turn, outcomes } = chat.database.turns[0]!;
  const answer = outcomes[0]?.answer;
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

Deno.test("a repeated stream is identical to the last byte", async () => {
  const logprobs = (token: string) => ({ content: [{ token, logprob: -0.5, top_logprobs: [] }] });
  await using chat = startChat(() =>
    stream(
      chunk({ role: "assistant", content: "" }, { system_fingerprint: "fp", z: 1, a: 2 }),
      chunk({ reasoning: "Let me think.", reasoning_details: [{ index: 0, text: "Let" }] }),
      chunk({ content: "Hel" }, { obfuscation: "x", service_tier: null }),
      chunk({ content: "lo" }, { obfuscation: "yz", service_tier: null }),
      data({ choices: [{ index: 0, delta: { content: "\0 " }, logprobs: logprobs(" ") }] }),
      data({ choices: [{ index: 0, delta: { content: "\ud83d" }, logprobs: logprobs("a") }] }),
      data({ choices: [{ index: 0, delta: { content: "\ude42" }, logprobs: null }] }),
      chunk({ refusal: "No.", content: null }),
      chunk({ tool_calls: [{ index: 0, ...call, extra_content: { google: { b: 1, a: 2 } } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: " " } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      usageChunk(11, 2),
      END,
    )
  );
  for (const include_usage of [true, false]) {
    chat.database.replay = undefined;
    chat.database.turns.length = 0;
    chat.upstream.received.length = 0;
    const ask = { ...HELLO, stream: true, stream_options: { include_usage } };
    const { first, second } = await askTwice(chat, ask);
    deepEqual(
      ["content-type", "cache-control"].map((name) => second.headers.get(name)),
      ["text/event-stream; charset=utf-8", "no-cache, no-transform"],
    );
    const before = await first.text();
    equal(await second.text(), before);
    equal(before.includes('"total_tokens":13'), include_usage);
    equal(before.split("\n\n").length, include_usage ? 14 : 13);
  }
});

Deno.test("an error that the gateway added to a stream is repeated too", async () => {
  await using chat = startChat(() => stream(chunk({ content: "hi" }), END));
  const { first, second } = await askTwice(chat, { ...HELLO, stream: true });
  equal(await second.text(), await first.text());
});

Deno.test("a stored stream is little larger than its text", async () => {
  const words = Array.from({ length: 500 }, (_, index) => `word ${index} `);
  const rest = { system_fingerprint: "fp_0123456789", service_tier: "default" };
  await using chat = startChat(() =>
    stream(
      ...words.map((content) => chunk({ content }, rest)),
      chunk({}, { finish_reason: "stop" }),
      END,
    )
  );
  const { second } = await askTwice(chat, { ...HELLO, stream: true });
  const { answer } = await chat.database.settled();
  const kept = JSON.stringify(answer).length;
  const said = words.join("").length;
  ok(kept < 2 * said, `${kept} for ${said}`);
  equal((await eventsOf(second)).length, words.length + 2);
});

Deno.test("a stream beyond the limit is repeated with the same content in fewer chunks", async () => {
  const token = (text: string) => ({ content: [{ token: text, logprob: -1, top_logprobs: [] }] });
  const piece = (index: number, id: string | undefined, text: string) => ({
    tool_calls: [{
      index,
      ...id && { id, type: "function" },
      function: { ...id && { name: "f" }, arguments: text },
    }],
  });
  await using chat = startChat(() =>
    stream(
      ...["a", "b", "c", "d", "e"].map((content) =>
        data({ choices: [{ index: 0, delta: { content }, logprobs: token(content) }] })
      ),
      chunk({ reasoning_content: "be" }),
      chunk({ reasoning_content: "cause" }),
      chunk(piece(0, "c1", '{"a"')),
      chunk(piece(1, "c2", "{")),
      chunk(piece(0, undefined, ":1}")),
      chunk(piece(1, "", "}")),
      chunk({}, { finish_reason: "tool_calls" }),
      usageChunk(11, 2),
      END,
    ), { limits: { recordingBytes: 60 } });
  const ask = { ...HELLO, stream: true, stream_options: { include_usage: true } };
  const { first, second } = await askTwice(chat, ask);
  const [before, after] = [await eventsOf(first) as Event[], await eventsOf(second) as Event[]];
  equal(before.length, 14);
  equal(after.length, 4);
  deepEqual(after[0], before[0]);
  deepEqual(after.slice(-2), before.slice(-2));
  const [{ delta, logprobs, finish_reason }] = after[1].choices;
  deepEqual([delta.content, delta.reasoning_content, finish_reason], [
    "bcde",
    "because",
    "tool_calls",
  ]);
  deepEqual(logprobs.content.map(({ token }: { token: string }) => token), ["b", "c", "d", "e"]);
  deepEqual(delta.tool_calls, [
    { index: 0, id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
    { index: 1, id: "c2", type: "function", function: { name: "f", arguments: "{}" } },
  ]);
  deepEqual([after[1].id, after[1].created], [before[0].id, before[0].created]);
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

Deno.test("an idempotency key that is too long is refused", async () => {
  await using chat = startChat(() => completion("hi"));
  const response = await chat.post(HELLO, { "idempotency-key": "x".repeat(256) });
  const { error } = await response.json();
  deepEqual([response.status, error.param], [400, "Idempotency-Key"]);
  equal(chat.database.turns.length, 0);
});
