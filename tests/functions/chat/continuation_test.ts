import { deepEqual, equal } from "node:assert/strict";
import { continuationOf } from "../../../functions/_shared/gateway/quirks/continuation_fields.ts";
import { eventsOf, HELLO, startChat } from "../support/chat_fixture.ts";
import { givenBackTo } from "../../../functions/_shared/gateway/prepare/given_back.ts";
import { route } from "../support/memory_database.ts";
import { chunk, completion, data, stream } from "../support/upstream_server.ts";

const google = { google: { thought_signature: "c2ln" } };
const call = { id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
const thought = {
  reasoning_content: "I must call f",
  reasoning_details: [{ type: "reasoning.encrypted", data: "SIG", index: 0 }],
  extra_content: google,
};

Deno.test("an answer is stored with what its vendor needs back", async () => {
  const message = { role: "assistant", content: null, tool_calls: [call], ...thought };
  await using chat = startChat(() =>
    completion("", { choices: [{ index: 0, message, finish_reason: "tool_calls" }] })
  );
  equal((await chat.post(HELLO)).status, 200);
  deepEqual((await chat.database.settled()).continuation, thought);
});

Deno.test("a streamed answer is stored with what its vendor needs back, its pieces joined", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ reasoning_content: "I must ", reasoning: "a" }),
      chunk({
        reasoning_content: "call f",
        reasoning_details: [{ type: "reasoning.text", text: "I must ", index: 0 }],
      }),
      chunk({
        reasoning_details: [
          { type: "reasoning.text", text: "call f", signature: "sig", index: 0 },
          { type: "reasoning.encrypted", data: "SIG", index: 1 },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, ...call, extra_content: google }] }),
      chunk({ content: "", extra_content: google }, { finish_reason: "tool_calls" }),
      data("[DONE]"),
    )
  );
  await eventsOf(await chat.post({ ...HELLO, stream: true }));
  const { continuation, tool_calls } = await chat.database.settled();
  deepEqual(continuation, {
    reasoning: "a",
    reasoning_content: "I must call f",
    reasoning_details: [
      { type: "reasoning.text", text: "I must call f", signature: "sig", index: 0 },
      { type: "reasoning.encrypted", data: "SIG", index: 1 },
    ],
    extra_content: google,
  });
  deepEqual(tool_calls, [{ ...call, extra_content: google }]);
});

Deno.test("a text that only begins like thoughts is not sent back as thoughts", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ content: "<think>", extra_content: google }),
      chunk({ content: " is a tag" }),
      chunk({}, { finish_reason: "stop" }),
      data("[DONE]"),
    )
  );
  await eventsOf(await chat.post({ ...HELLO, stream: true }));
  const { content, continuation } = await chat.database.settled();
  deepEqual([content, continuation], ["<think> is a tag", { extra_content: google }]);
});

Deno.test("an answer without reasoning stores none, and repeated details are kept once", () => {
  equal(continuationOf({ content: "hi", reasoning: null, reasoning_details: [] }), null);
  const piece = (text: string) => ({ type: "reasoning.text", format: "MiniMax-response-v1", text });
  deepEqual(continuationOf({ reasoning_details: [piece("a"), piece("ab")] }), {
    reasoning_details: [piece("ab")],
  });
});

Deno.test("the continuation of an answer is sent back to its vendor, and to no other", async () => {
  const continuation = { vendor_id: "openrouter", message: thought };
  const calls = [{ ...call, extra_content: google }];
  const answer = { role: "assistant", content: null, tool_calls: calls, continuation };
  const result = { role: "tool", tool_call_id: "c1", content: "5" };
  const messages = [{ role: "user", content: "hi" }, answer, result];
  const received = async (vendor_id: string) => {
    await using chat = startChat(() => completion("done"), {
      turn: { messages, new_messages: 1 },
      deps: {
        env: {
          variables: new Map([["MISTRAL_API_KEY", "k"], ["OPENROUTER_API_KEY", "k"], [
            "GROQ_API_KEY",
            "k",
          ]]),
          demoUpstreamUrl: undefined,
        },
      },
    });
    chat.route = { vendor_id };
    equal((await chat.post({ ...HELLO, messages: [result] })).status, 200);
    return chat.upstream.received[0]?.body.messages[1];
  };
  deepEqual(await received("openrouter"), {
    role: "assistant",
    content: null,
    tool_calls: calls,
    ...thought,
  });
  deepEqual(await received("groq"), { role: "assistant", content: null, tool_calls: [call] });
});

Deno.test("a fallback to another vendor is not given what the first one needs", async () => {
  const continuation = { vendor_id: "openrouter", message: { reasoning_content: "hm" } };
  const messages = [
    { role: "user", content: "hi" },
    { role: "assistant", content: "a", continuation },
    ...HELLO.messages,
  ];
  let calls = 0;
  await using chat = startChat(
    () => calls++ === 0 ? new Response(null, { status: 500 }) : completion("done"),
    {
      turn: { messages, new_messages: 1, routes: [route(), route({ vendor_id: "groq" })] },
      limits: { attempts: 2 },
      deps: {
        env: {
          variables: new Map([["OPENROUTER_API_KEY", "k"], ["GROQ_API_KEY", "k"]]),
          demoUpstreamUrl: undefined,
        },
      },
    },
  );
  const begin = chat.database.beginTurn;
  chat.database.beginTurn = async (...given) => {
    const turn = await begin(...given);
    if ("routes" in turn) { for (const each of turn.routes) each.base_url = chat.upstream.baseUrl; }
    return turn;
  };
  equal((await chat.post(HELLO)).status, 200);
  const sent = chat.upstream.received.map(({ body }) => body.messages[1]);
  deepEqual(sent, [
    { role: "assistant", content: "a", reasoning_content: "hm" },
    { role: "assistant", content: "a" },
  ]);
});

Deno.test("a vendor is not given what it refuses, stored or sent by a client", () => {
  const said = { role: "assistant", content: "Hi" };
  const fields = { reasoning: "hm", reasoning_content: "hm" };
  for (
    const [vendor_id, taken] of [
      ["groq", { reasoning: "hm" }],
      ["cerebras", { reasoning: "hm" }],
      ["mistral", {}],
      ["deepseek", fields],
    ] as const
  ) {
    const messages = [
      { ...said, continuation: { vendor_id, message: fields } },
      { ...said, ...fields },
    ];
    const given = { ...said, ...taken };
    deepEqual(givenBackTo(route({ vendor_id }), messages), [given, given], vendor_id);
  }
});

Deno.test("a continuation that a client has changed gives a message no other fields", () => {
  const message = { role: "system", content: "x".repeat(1_000), audio: { id: "a" }, ...thought };
  const continuation = { vendor_id: "v", message };
  deepEqual(
    givenBackTo(route({ vendor_id: "v" }), [{ role: "assistant", content: "Hi", continuation }]),
    [
      { role: "assistant", content: "Hi", ...thought },
    ],
  );
});

Deno.test("MiniMax-M2 gets its thoughts back in the text, as it wrote them", () => {
  const vendor_id = "minimax";
  const parts = [{ type: "text", text: "Hi" }];
  const cases: [model: string, message: object, given: object][] = [
    ["MiniMax-M2", { content: "Hi" }, { content: "<think>\nhm\n</think>\n\nHi" }],
    ["minimaxai/minimax-m2.5", { content: null }, { content: "<think>\nhm\n</think>\n\n" }],
    ["MiniMax-M2", { content: parts }, {
      content: [{ type: "text", text: "<think>\nhm\n</think>\n\n" }, ...parts],
    }],
    ["MiniMax-Text-01", { content: "Hi" }, { content: "Hi", reasoning_content: "hm" }],
    ["deepseek-r1", { content: "Hi" }, { content: "Hi", reasoning_content: "hm" }],
  ];
  for (const [model, message, given] of cases) {
    const to = route({ vendor_id, model });
    const kept = { vendor_id, message: { reasoning_content: "hm" } };
    const said = { role: "assistant", ...message };
    const answer = [{ role: "assistant", ...given }];
    deepEqual(givenBackTo(to, [{ ...said, continuation: kept }]), answer, model);
    deepEqual(givenBackTo(to, [{ ...said, reasoning_content: "hm" }]), answer, "sent by a client");
  }
  const details = { reasoning: "hm", reasoning_details: thought.reasoning_details };
  deepEqual(
    givenBackTo(route({ vendor_id: "openrouter", model: "minimax/minimax-m2" }), [
      { role: "assistant", content: "Hi", ...details },
    ]),
    [{ role: "assistant", content: "Hi", ...details }],
    "details go back as they came",
  );
  deepEqual(
    givenBackTo(route({ vendor_id: "other", model: "MiniMax-M2" }), [
      {
        role: "assistant",
        content: "Hi",
        continuation: { vendor_id, message: { reasoning_content: "hm" } },
      },
    ]),
    [{ role: "assistant", content: "Hi" }],
    "another vendor is given none",
  );
});
