import { deepEqual, equal, ok } from "node:assert/strict";
import { type ChatFixture, eventsOf, HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, data, stream, usageChunk } from "../support/upstream_server.ts";

const ASK = { ...HELLO, stream: true };
const ASK_USAGE = { ...ASK, stream_options: { include_usage: true } };
const END = data("[DONE]");

// deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
type Event = any;

/** Sends a streaming request and reads the answer to its end. */
async function events(chat: ChatFixture, body: object = ASK): Promise<Event[]> {
  const response = await chat.post(body);
  equal(response.status, 200);
  equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  return eventsOf(response);
}

const textOf = (all: Event[]) =>
  all.filter((event) => event.choices).map((event) => event.choices[0]?.delta.content ?? "").join(
    "",
  );

const hello = () =>
  stream(
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "Hel" }),
    chunk({ content: "lo" }),
    chunk({}, { finish_reason: "stop" }),
    usageChunk(11, 2),
    END,
  );

Deno.test("a stream is OpenAI's: one id, one model, one role, one reason, then [DONE]", async () => {
  await using chat = startChat(hello);
  const all = await events(chat);
  const { turn } = chat.database.turns[0]!;
  equal(all.pop(), "[DONE]");
  equal(textOf(all), "Hello");
  for (const event of all) {
    equal(event.id, `chatcmpl-${turn.turn_id.replaceAll("-", "")}`);
    equal(event.model, "gpt-4o");
    equal(event.object, "chat.completion.chunk");
    equal(event.created, all[0].created);
    equal(event.choices.length, 1, "no chunk without a choice");
    equal("usage" in event, false, "no usage that no one asked for");
  }
  deepEqual(all.map((event) => event.choices[0].delta.role), [
    "assistant",
    undefined,
    undefined,
    undefined,
  ]);
  deepEqual(all.map((event) => event.choices[0].finish_reason), [null, null, null, "stop"]);
});

Deno.test("usage is sent in a separate chunk when it is requested", async () => {
  await using chat = startChat(hello);
  const all = await events(chat, ASK_USAGE);
  equal(all.pop(), "[DONE]");
  const last = all.pop();
  deepEqual(last.choices, []);
  deepEqual([last.usage.prompt_tokens, last.usage.completion_tokens, last.usage.total_tokens], [
    11,
    2,
    13,
  ]);
  ok(last.id && last.model && last.created);
  ok(all.every((event) => event.usage === null));
});

Deno.test("usage that comes with the last word is moved to the separate chunk", async () => {
  const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };
  await using chat = startChat(() =>
    stream(chunk({ content: "Hi" }, { finish_reason: "stop", usage }), END)
  );
  const all = await events(chat, ASK_USAGE);
  deepEqual(all.map((event) => event.usage?.prompt_tokens), [undefined, 5, undefined]);
  equal((await chat.database.settled()).usage?.input_tokens, 5);
});

Deno.test("usage that never comes is estimated, and marked as an estimate", async () => {
  await using chat = startChat(() =>
    stream(chunk({ content: "12345" }, { finish_reason: "stop" }), END)
  );
  const all = await events(chat, ASK_USAGE);
  deepEqual([all.at(-2).usage.completion_tokens, all.at(-2).usage.estimated], [2, true]);
  const { usage, state } = await chat.database.settled();
  deepEqual([usage?.output_tokens, usage?.estimated, state], [2, true, "succeeded"]);
});

Deno.test("a stream is settled once, with the whole answer", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ content: "Hel" }),
      chunk({ content: "lo" }, { finish_reason: "length" }),
      usageChunk(9, 2),
      END,
    )
  );
  await events(chat);
  equal(chat.database.turns[0]?.outcomes.length, 1, "settled before the stream has ended");
  const outcome = await chat.database.settled();
  deepEqual(
    [outcome.state, outcome.content, outcome.finish_reason, outcome.model_used, outcome.error],
    ["succeeded", "Hello", "length", "vendor-model-0613", null],
  );
  ok(outcome.first_token_ms !== null && outcome.first_token_ms <= outcome.latency_ms);
  deepEqual(outcome.attempts.map(({ status, upstream_status }) => [status, upstream_status]), [[
    "succeeded",
    200,
  ]]);
  const { turn_state, stream: streamed } = await chat.logged;
  deepEqual([turn_state, streamed, chat.lines.length], ["succeeded", true, 1]);
});

Deno.test("the first chunk arrives while the upstream is still sending", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(() =>
    stream(
      chunk({ content: "early" }),
      () => pause.promise,
      chunk({ content: " late" }, { finish_reason: "stop" }),
      END,
    )
  );
  const response = await chat.post(ASK);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  ok(first.value?.includes('"early"'), first.value);
  equal(chat.database.turns[0]?.outcomes.length, 0, "the turn is still open");
  pause.resolve();
  let rest = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) rest += read.value;
  ok(rest.includes('" late"') && rest.endsWith("data: [DONE]\n\n"));
});

Deno.test("the pieces of tool calls are passed on and assembled", async () => {
  const piece = (index: number, fields: object) => chunk({ tool_calls: [{ index, ...fields }] });
  await using chat = startChat(() =>
    stream(
      piece(0, { id: "a", type: "function", function: { name: "f", arguments: "" } }),
      piece(0, { function: { arguments: '{"x":' } }),
      piece(1, {
        id: "b",
        type: "function",
        function: { name: "g", arguments: "{}" },
        extra_content: { sig: "s" },
      }),
      piece(0, { function: { arguments: "1}" } }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    )
  );
  const all = await events(chat);
  deepEqual(all[1].choices[0].delta.tool_calls, [{ index: 0, function: { arguments: '{"x":' } }]);
  deepEqual((await chat.database.settled()).tool_calls, [
    { type: "function", function: { name: "f", arguments: '{"x":1}' }, id: "a" },
    {
      type: "function",
      function: { name: "g", arguments: "{}" },
      id: "b",
      extra_content: { sig: "s" },
    },
  ]);
});

Deno.test("a tool call without an index gets one", async () => {
  const call = { id: "a", type: "function", function: { name: "f", arguments: "{}" } };
  await using chat = startChat(() =>
    stream(
      chunk({ tool_calls: [call, { ...call, id: "b" }] }, { finish_reason: "tool_calls" }),
      END,
    )
  );
  const all = await events(chat);
  deepEqual(all[0].choices[0].delta.tool_calls.map((item: Event) => item.index), [0, 1]);
});

const named = (id: string, n: number, more: object = {}) => ({
  id,
  type: "function",
  function: { name: "f", arguments: `{"n":${n}}` },
  ...more,
});
const twoCalls: Record<string, object[][]> = {
  "in a chunk each, without an index": [[named("a", 1)], [named("b", 2)]],
  "in a chunk each, under one index": [[named("a", 1, { index: 0 })], [
    named("b", 2, { index: 0 }),
  ]],
  "in one chunk, under one index": [[named("a", 1, { index: 0 }), named("b", 2, { index: 0 })]],
  "in one chunk, without an index": [[named("a", 1), named("b", 2)]],
  "under indexes that begin late": [[named("a", 1, { index: 3 })], [named("b", 2, { index: 7 })]],
  "without ids": [[named("", 1)], [named("", 2)]],
  "in pieces, without an index": [
    [{ id: "a", function: { name: "f", arguments: "" } }],
    [{ function: { arguments: '{"n":' } }],
    [{ function: { arguments: "1}" } }],
    [{ id: "b", function: { name: "f", arguments: '{"n"' } }],
    [{ id: "", function: { name: "", arguments: ":2}" } }],
  ],
  "in pieces that repeat their id": [
    [{ id: "a", function: { name: "f", arguments: '{"n":' } }],
    [{ id: "a", function: { name: "f", arguments: "1}" } }],
    [{ id: "b", function: { name: "f", arguments: '{"n":2}' } }],
  ],
  "in pieces under one index": [
    [{ index: 0, id: "a", function: { name: "f", arguments: '{"n":' } }],
    [{ index: 0, function: { arguments: "1}" } }],
    [{ index: 0, id: "b", function: { name: "f", arguments: '{"n":' } }],
    [{ index: 0, function: { arguments: "2}" } }],
  ],
  "in pieces with an id each": [
    [{ index: 0, id: "a", function: { name: "f", arguments: '{"n":' } }],
    [{ index: 0, id: "x", function: { arguments: "1}" } }],
    [{ index: 1, id: "b", function: { name: "f", arguments: '{"n":' } }],
    [{ index: 1, id: "y", function: { arguments: "2}" } }],
  ],
  "in pieces by turns": [
    [{ index: 0, id: "a", function: { name: "f", arguments: '{"n":' } }],
    [{ index: 1, id: "b", function: { name: "f", arguments: '{"n":' } }],
    [{ index: 0, function: { arguments: "1}" } }, { index: 1, function: { arguments: "2}" } }],
  ],
};

for (const [how, parts] of Object.entries(twoCalls)) {
  Deno.test(`two calls of tools that come ${how} stay two`, async () => {
    await using chat = startChat(() =>
      stream(
        ...parts.map((tool_calls) => chunk({ tool_calls })),
        chunk({}, { finish_reason: "stop" }),
        END,
      )
    );
    const all = await events(chat);
    const sent = new Map<number, string>();
    for (const event of all.slice(0, -1)) {
      for (const { index, function: piece } of event.choices[0].delta.tool_calls ?? []) {
        sent.set(index, (sent.get(index) ?? "") + piece.arguments);
      }
    }
    deepEqual([...sent], [[0, '{"n":1}'], [1, '{"n":2}']]);
    equal(all.at(-2).choices[0].finish_reason, "tool_calls");
    const { tool_calls, finish_reason } = await chat.database.settled();
    deepEqual(
      tool_calls?.map((call) => Reflect.get(call, "function")),
      [{ name: "f", arguments: '{"n":1}' }, { name: "f", arguments: '{"n":2}' }],
    );
    equal(finish_reason, "tool_calls");
  });
}

Deno.test("an answer that calls tools in its last chunk has the finish reason tool_calls", async () => {
  await using chat = startChat(() =>
    stream(chunk({ tool_calls: [named("a", 1)] }, { finish_reason: "STOP" }), END)
  );
  const all = await events(chat);
  equal(all[0].choices[0].finish_reason, "tool_calls");
});

Deno.test("a tool call that was cut at the token limit has the finish reason length", async () => {
  await using chat = startChat(() =>
    stream(chunk({ tool_calls: [named("a", 1)] }, { finish_reason: "length" }), END)
  );
  await events(chat);
  equal((await chat.database.settled()).finish_reason, "length");
});

Deno.test("the usage of an answer is kept when its vendor breaks it off", async () => {
  const usage = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
  const end = { finish_reason: "insufficient_system_resource", usage };
  await using chat = startChat(() => stream(chunk({ content: "half" }), chunk({}, end), END));
  await events(chat);
  const { state, usage: counted } = await chat.database.settled();
  deepEqual([state, counted?.output_tokens, counted?.estimated], ["partial", 3, false]);
});

Deno.test("an error that is not the vendor's ends a stream with its own code", async () => {
  const refusal = { error: { message: "too long", code: "context_length_exceeded" } };
  await using chat = startChat(() => stream(chunk({ content: "half" }), data(refusal)));
  const all = await events(chat);
  deepEqual([all.at(-1).error.code, all.at(-1).error.type], [
    "context_length_exceeded",
    "invalid_request_error",
  ]);
  const { attempts } = await chat.database.settled();
  equal(attempts[0]?.counts_against_agent, false);
});

Deno.test("unknown fields are passed on, and vendors' finish reasons translated", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ reasoning_content: "hm" }, { service_tier: "flex" }),
      chunk({ content: "x" }, { finish_reason: "MAX_TOKENS" }),
      END,
    )
  );
  const all = await events(chat);
  equal(all[0].choices[0].delta.reasoning_content, "hm");
  equal(all[0].service_tier, "flex");
  equal(all[1].choices[0].finish_reason, "length");
});

Deno.test("[DONE] without a finish reason ends the answer, which gets one", async () => {
  await using chat = startChat(() => stream(chunk({ content: "Hi" }), END));
  const all = await events(chat);
  equal(all.at(-2).choices[0].finish_reason, "stop");
  equal(all.at(-1), "[DONE]");
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.finish_reason], ["succeeded", "stop"]);
});

Deno.test("a finish reason without [DONE] ends the answer", async () => {
  await using chat = startChat(() => stream(chunk({ content: "Hi" }, { finish_reason: "stop" })));
  const all = await events(chat);
  equal(all.at(-1), "[DONE]");
  equal((await chat.database.settled()).state, "succeeded");
});

Deno.test("a last event without its blank line is read", async () => {
  const last = chunk({ content: "Hi" }, { finish_reason: "stop" }).trimEnd();
  await using chat = startChat(() => stream(last));
  const all = await events(chat);
  equal(textOf(all.slice(0, -1)), "Hi");
  equal(all.at(-1), "[DONE]");
});

const broken: Record<string, [parts: string[], code: string]> = {
  "is cut": [[chunk({ content: "half" })], "upstream_interrupted"],
  "is cut within a chunk": [
    [chunk({ content: "half" }), chunk({ content: "lost" }).slice(0, -20)],
    "upstream_invalid_response",
  ],
  "is not JSON any more": [
    [chunk({ content: "half" }), data("{oops")],
    "upstream_invalid_response",
  ],
  "has another shape": [
    [chunk({ content: "half" }), data({ choices: [{ delta: { content: 7 } }] })],
    "upstream_invalid_response",
  ],
  "reports an error": [
    [chunk({ content: "half" }), data({ error: { message: "overloaded", code: 503 } })],
    "upstream_error",
  ],
  "reports an error by event": [
    [chunk({ content: "half" }), 'event: error\ndata: {"message":"overloaded"}\n\n'],
    "upstream_error",
  ],
  "reports an error in its choice": [
    [
      chunk({ content: "half" }),
      data({ choices: [{ index: 0, delta: {}, error: { code: 502, message: "overloaded" } }] }),
    ],
    "upstream_error",
  ],
  'ends with the reason "error"': [
    [chunk({ content: "half" }), chunk({}, { finish_reason: "error" })],
    "upstream_error",
  ],
  'ends with the reason "insufficient_system_resource"': [
    [chunk({ content: "half" }), chunk({}, { finish_reason: "insufficient_system_resource" }), END],
    "upstream_error",
  ],
  "reports an error after its last word": [
    [chunk({ content: "half" }, { finish_reason: "stop" }), data({ error: "overloaded" })],
    "upstream_error",
  ],
};

for (const [what, [parts, code]] of Object.entries(broken)) {
  Deno.test(`a stream that ${what} ends with the error in band, and is settled as partial`, async () => {
    await using chat = startChat(() => stream(...parts));
    const all = await events(chat);
    deepEqual(Object.keys(all.at(-1)), ["error"]);
    equal(all.at(-1).error.code, code);
    equal(all.at(-1).error.type, "server_error");
    equal(textOf(all.slice(0, -1)), "half");
    const reasons = all.slice(0, -1).map((event) => event.choices[0].finish_reason).filter(Boolean);
    equal(reasons.length, parts[0]!.includes("stop") ? 1 : 0, "no reason is made up");
    const outcome = await chat.database.settled();
    deepEqual([outcome.state, outcome.content, outcome.error?.code], ["partial", "half", code]);
    equal(outcome.usage?.estimated, true);
    deepEqual(outcome.attempts.map(({ status, error_code }) => [status, error_code]), [[
      "failed",
      code,
    ]]);
    equal(chat.database.turns[0]?.outcomes.length, 1);
  });
}

Deno.test("a stream is the same wherever the upstream's packets are cut", async () => {
  const text = [
    chunk({ role: "assistant", content: "Grüße" }),
    ": PROCESSING\r\n\r\n",
    chunk({ content: " 👋🏽" }).replaceAll("\n", "\r\n"),
    chunk({}, { finish_reason: "stop" }),
    usageChunk(3, 4),
    END,
  ].join("");
  const bytes = new TextEncoder().encode(text);
  let cut = 0;
  // Awaiting a task between the halves sends them in two packets.
  const gap = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
  await using chat = startChat(() => stream(bytes.slice(0, cut), gap, bytes.slice(cut)));
  for (cut = 0; cut <= bytes.length; cut++) {
    const all = await events(chat);
    equal(textOf(all.slice(0, -1)), "Grüße 👋🏽", `cut at byte ${cut}`);
    equal(all.at(-1), "[DONE]", `cut at byte ${cut}`);
    equal((await chat.database.settled(cut)).usage?.output_tokens, 4, `cut at byte ${cut}`);
  }
});

Deno.test("a stream that stops at any byte is never taken for a whole one", async () => {
  const bytes = new TextEncoder().encode(
    chunk({ content: "Grüße" }) + chunk({ content: "!" }) + chunk({}, { finish_reason: "stop" }),
  );
  // The last event is whole with its closing brace; the blank line after it adds nothing.
  const whole = bytes.length - "\n\n".length;
  let cut = 0;
  await using chat = startChat(() => stream(bytes.slice(0, cut)));
  for (cut = 1; cut <= bytes.length; cut++) {
    const response = await chat.post(ASK);
    const answer = await response.text();
    const complete = answer.endsWith("data: [DONE]\n\n");
    equal(complete, cut >= whole, `stops at byte ${cut}: ${answer}`);
    if (!complete) ok(answer.includes('"error":{'), `stops at byte ${cut}: ${answer}`);
    const { state } = await chat.database.settled(cut - 1);
    equal(state === "succeeded", complete, `stops at byte ${cut}`);
  }
});

Deno.test("a long silence is filled with comments, which are not events", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(
    () =>
      stream(
        chunk({ content: "a" }),
        () => pause.promise,
        chunk({ content: "b" }, { finish_reason: "stop" }),
        END,
      ),
    { limits: { keepaliveMs: 10 } },
  );
  const response = await chat.post(ASK);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(": keepalive\n\n: keepalive\n\n")) text += (await reader.read()).value;
  pause.resolve();
  for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  equal(textOf((await eventsOf(new Response(text))).slice(0, -1) as Event[]), "ab");
});

Deno.test("headers are sent before the first chunk of a stream that starts late", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(
    () =>
      stream(
        ": PROCESSING\n\n",
        () => pause.promise,
        chunk({ content: "a" }, { finish_reason: "stop" }),
        END,
      ),
    { limits: { commitAfterMs: 20 } },
  );
  const response = await chat.post(ASK);
  equal(response.status, 200);
  pause.resolve();
  equal((await eventsOf(response)).length, 2);
});

Deno.test("an upstream that falls silent in the middle is given up", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(
    () => stream(chunk({ content: "half" }), () => pause.promise),
    { limits: { idleMs: 500 } },
  );
  const all = await events(chat);
  equal(all.at(-1).error.code, "upstream_timeout");
  const outcome = await chat.database.settled();
  deepEqual([outcome.state, outcome.content], ["partial", "half"]);
  await chat.upstream.dropped;
  pause.resolve();
});

Deno.test("an upstream that sends for too long is given up", async () => {
  const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  const parts = Array.from({ length: 500 }, () => [chunk({ content: "word " }), tick]).flat();
  await using chat = startChat(() => stream(...parts), { limits: { totalMs: 500 } });
  const all = await events(chat);
  equal(all.at(-1).error.code, "upstream_timeout");
  equal((await chat.database.settled()).state, "partial");
});

Deno.test("an upstream that continues after [DONE] is disconnected", async () => {
  const pause = Promise.withResolvers<void>();
  await using chat = startChat(() =>
    stream(chunk({ content: "Hi" }, { finish_reason: "stop" }), END, () => pause.promise)
  );
  const all = await events(chat);
  equal(all.at(-1), "[DONE]");
  await chat.upstream.dropped;
  pause.resolve();
});

Deno.test("a second choice that was not requested is left out", async () => {
  const other = data({ choices: [{ index: 1, delta: { content: "other" }, finish_reason: null }] });
  await using chat = startChat(() => stream(chunk({ content: "Hi" }), other, END));
  const all = await events(chat);
  equal(textOf(all.slice(0, -1)), "Hi");
  equal((await chat.database.settled()).content, "Hi");
});
