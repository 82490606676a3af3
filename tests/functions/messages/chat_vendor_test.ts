import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { type ChatFixture, startChat } from "../support/chat_fixture.ts";
import { blocksOf, HI, messageEvents, postMessages } from "../support/messages_fixture.ts";
import { chunk, completion, stream, usageChunk } from "../support/upstream_server.ts";

/* Clients of Anthropic's and vendors with OpenAI's API. */

const sentOf = ({ upstream }: ChatFixture) => upstream.received.at(-1)?.body;
const call = (id: string, name: string, args: string) => ({
  id,
  type: "function",
  function: { name, arguments: args },
});

Deno.test("an answer is a message, with usage that counts cached tokens once", async () => {
  const usage = {
    prompt_tokens: 100,
    completion_tokens: 7,
    total_tokens: 107,
    prompt_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
  };
  await using chat = startChat(() => completion("hi", { usage }));
  const response = await postMessages(chat, HI);
  const message = await response.json();
  equal(response.status, 200);
  match(message.id, /^msg_[0-9a-f]{32}$/);
  const { type, role, model, content, stop_reason, stop_sequence } = message;
  deepEqual([type, role, model, stop_reason, stop_sequence], [
    "message",
    "assistant",
    "gpt-4o",
    "end_turn",
    null,
  ]);
  deepEqual(content, [{ type: "text", text: "hi" }]);
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } =
    message.usage;
  deepEqual(
    [input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens],
    [10, 60, 30, 7],
  );
  ok(response.headers.get("request-id"));
  deepEqual((await chat.database.settled()).usage?.input_tokens, 100);
});

Deno.test("a request is sent as a chat", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.route.credential = "own";
  chat.route.keys = [];
  chat.route.credential = "platform";
  await (await postMessages(chat, {
    ...HI,
    system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
    messages: [
      { role: "user", content: [{ type: "text", text: "look" }, image] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "c2ln" },
          { type: "text", text: "I look." },
          { type: "tool_use", id: "toolu_1", name: "see", input: { at: 1 } },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_1", content: "no light", is_error: true },
          { type: "text", text: "again", cache_control: { type: "ephemeral" } },
        ],
      },
    ],
    tools: [
      { name: "see", description: "Look", input_schema: { type: "object", properties: {} } },
      { type: "web_search_20250305", name: "web_search" },
    ],
    tool_choice: { type: "any", disable_parallel_tool_use: true },
    stop_sequences: ["END"],
    thinking: { type: "enabled", budget_tokens: 5000 },
    temperature: 0.5,
    top_k: 4,
    metadata: { user_id: "u1" },
    service_tier: "auto",
  })).body?.cancel();
  const { messages, ...sent } = sentOf(chat);
  deepEqual(messages.slice(1), [
    { role: "system", content: [{ type: "text", text: "Be brief." }] },
    {
      role: "user",
      content: [{ type: "text", text: "look" }, {
        type: "image_url",
        image_url: { url: "data:image/png;base64,AAAA" },
      }],
    },
    {
      role: "assistant",
      content: [{ type: "text", text: "I look." }],
      tool_calls: [call("toolu_1", "see", '{"at":1}')],
    },
    { role: "tool", tool_call_id: "toolu_1", content: [{ type: "text", text: "Error: no light" }] },
    { role: "user", content: [{ type: "text", text: "again" }] },
  ]);
  deepEqual(sent, {
    model: "openai/gpt-4o",
    max_tokens: 100,
    stop: ["END"],
    tools: [{
      type: "function",
      function: {
        name: "see",
        description: "Look",
        parameters: { type: "object", properties: {} },
      },
    }],
    tool_choice: "required",
    parallel_tool_calls: false,
    temperature: 0.5,
    reasoning_effort: "medium",
    user: "u1",
  });
});

const image = {
  type: "image",
  source: { type: "base64", media_type: "image/png", data: "AAAA" },
};

Deno.test("an image in the result of a tool is shown by the user, which OpenAI's API asks for", async () => {
  await using chat = startChat(() => completion("hi"));
  const result = { type: "tool_result", tool_use_id: "a", content: [image] };
  const messages = [
    ...HI.messages,
    { role: "assistant", content: [{ type: "tool_use", id: "a", name: "see", input: {} }] },
    { role: "user", content: [result] },
  ];
  await (await postMessages(chat, { ...HI, messages })).body?.cancel();
  const [tool, user] = sentOf(chat).messages.slice(-2);
  deepEqual([tool.role, typeof tool.content, user.role, user.content[0].type], [
    "tool",
    "string",
    "user",
    "image_url",
  ]);
});

for (
  const [finish, stop] of [
    ["stop", "end_turn"],
    ["length", "max_tokens"],
    ["content_filter", "refusal"],
  ] as const
) {
  Deno.test(`an answer that ended with ${finish} has the stop_reason ${stop}`, async () => {
    const choices = [{ message: { role: "assistant", content: "x" }, finish_reason: finish }];
    await using chat = startChat(({ body }) =>
      body.stream
        ? stream(chunk({ content: "x" }, { finish_reason: finish }), "data: [DONE]\n\n")
        : completion("", { choices })
    );
    equal((await (await postMessages(chat, HI)).json()).stop_reason, stop);
    const events = await messageEvents(await postMessages(chat, { ...HI, stream: true }));
    equal(events.find(({ type }) => type === "message_delta")?.delta.stop_reason, stop);
  });
}

Deno.test("a stream has every event that Anthropic's clients read, and the usage at its end", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "he" }),
      chunk({ content: "llo" }, { finish_reason: "stop" }),
      usageChunk(11, 7, { prompt_tokens_details: { cached_tokens: 4 } }),
      "data: [DONE]\n\n",
    )
  );
  const response = await postMessages(chat, { ...HI, stream: true });
  match(response.headers.get("content-type") ?? "", /^text\/event-stream/);
  const events = await messageEvents(response);
  deepEqual(events.map(({ type }) => type), [
    ...["message_start", "ping", "content_block_start", "content_block_delta"],
    ...["content_block_delta", "content_block_stop", "message_delta", "message_stop"],
  ]);
  const [start] = events;
  const { content, stop_reason, usage } = start?.message;
  deepEqual([content, stop_reason, usage.input_tokens], [[], null, 0]);
  deepEqual(blocksOf(events), [{ type: "text", text: "hello" }]);
  const end = events.at(-2);
  deepEqual(
    [end?.usage.input_tokens, end?.usage.cache_read_input_tokens, end?.usage.output_tokens],
    [7, 4, 7],
  );
});

Deno.test("parallel tool calls become consecutive blocks", async () => {
  const piece = (index: number, args: string, rest: object = {}) =>
    chunk({ tool_calls: [{ index, ...rest, function: { arguments: args, ...rest } }] });
  await using chat = startChat(() =>
    stream(
      chunk({ content: "I call." }),
      piece(0, '{"a"', { id: "c0", name: "one" }),
      piece(1, '{"b"', { id: "c1", name: "two" }),
      piece(0, ":1}"),
      piece(1, ":2}"),
      chunk({}, { finish_reason: "tool_calls" }),
      "data: [DONE]\n\n",
    )
  );
  const events = await messageEvents(await postMessages(chat, { ...HI, stream: true }));
  deepEqual(blocksOf(events), [
    { type: "text", text: "I call." },
    { type: "tool_use", id: "c0", name: "one", input: { a: 1 } },
    { type: "tool_use", id: "c1", name: "two", input: { b: 2 } },
  ]);
  equal(events.at(-2)?.delta.stop_reason, "tool_use");
});

Deno.test("thinking is sent to clients that request it, and to no others", async () => {
  const thought = { reasoning_content: "hm" };
  await using chat = startChat(({ body }) =>
    body.stream
      ? stream(
        chunk(thought),
        chunk({ content: "hi" }, { finish_reason: "stop" }),
        "data: [DONE]\n\n",
      )
      : completion("", {
        choices: [{ message: { role: "assistant", content: "hi", ...thought } }],
      })
  );
  const thinking = { type: "thinking", thinking: "hm", signature: "" };
  const text = { type: "text", text: "hi" };
  for (
    const [asked, blocks] of [
      [{}, [text]],
      [{ thinking: { type: "disabled" } }, [text]],
      [{ thinking: { type: "adaptive" } }, [thinking, text]],
    ] as const
  ) {
    const whole = await (await postMessages(chat, { ...HI, ...asked })).json();
    deepEqual(whole.content, blocks);
    const streamed = await postMessages(chat, { ...HI, ...asked, stream: true });
    deepEqual(blocksOf(await messageEvents(streamed)), blocks);
  }
});

Deno.test("a stream that breaks off ends with an error event", async () => {
  await using chat = startChat(() => stream(chunk({ content: "he" })));
  const events = await messageEvents(await postMessages(chat, { ...HI, stream: true }));
  const last = events.at(-1);
  deepEqual([last?.type, last?.error.type], ["error", "api_error"]);
  equal(events.some(({ type }) => type === "message_stop"), false);
  equal((await chat.database.settled()).state, "partial");
});

Deno.test("a request repeated with its Idempotency-Key gets the same events", async () => {
  await using chat = startChat(() =>
    stream(
      chunk({ reasoning_content: "hm" }),
      chunk({ content: "hello" }),
      chunk({ tool_calls: [{ index: 0, id: "c", function: { name: "f", arguments: "{}" } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      usageChunk(11, 7),
      "data: [DONE]\n\n",
    )
  );
  const body = { ...HI, stream: true, thinking: { type: "adaptive" } };
  const headers = { "idempotency-key": "once" };
  const first = await (await postMessages(chat, body, headers)).text();
  const { answer } = await chat.database.settled();
  chat.database.replay = { replay: { ...answer }, turn_id: crypto.randomUUID() };
  equal(await (await postMessages(chat, body, headers)).text(), first);
});

Deno.test("an error before the answer has Anthropic's envelope", async (test) => {
  const answers: Record<string, () => Response> = {
    "429 rate_limit_error": () => Response.json({ error: { message: "slow" } }, { status: 429 }),
    "400 invalid_request_error": () =>
      Response.json({ error: { message: "bad" } }, { status: 400 }),
    "502 api_error": () => Response.json({ error: { message: "down" } }, { status: 500 }),
  };
  for (const [expected, answer] of Object.entries(answers)) {
    await test.step(expected, async () => {
      await using chat = startChat(answer);
      const response = await postMessages(chat, HI);
      const { type, error, request_id } = await response.json();
      equal(`${response.status} ${error.type}`, expected);
      deepEqual([type, request_id], ["error", response.headers.get("x-request-id")]);
    });
  }
});

Deno.test("bad bodies are a 400 that names the field", async (test) => {
  await using chat = startChat(() => completion("hi"));
  const blocks = (...content: object[]) => ({ ...HI, messages: [{ role: "user", content }] });
  for (
    const [body, param] of [
      [{ ...HI, max_tokens: undefined }, "max_tokens"],
      [{ ...HI, model: undefined }, "model"],
      [{ ...HI, messages: [] }, "messages"],
      [{ ...HI, temperature: 1.5 }, "temperature"],
      [{ ...HI, tool_choice: "auto" }, "tool_choice"],
      [blocks({ type: "text" }), "messages[0].content[0].text"],
      [blocks({ type: "video" }), "messages[0].content[0].type"],
      [
        blocks({ type: "image", source: { type: "base64", data: "x" } }),
        "messages[0].content[0].source.media_type",
      ],
      [{ ...HI, tools: [{ type: "bash_20250124", name: "bash" }] }, "tools[0]"],
      [
        {
          ...HI,
          tools: [{ type: "web_search_20250305", name: "web_search" }],
          tool_choice: { type: "tool", name: "web_search" },
        },
        "tools[0]",
      ],
      [
        blocks({ type: "document", source: { type: "url", url: "https://x.test/a.pdf" } }),
        "messages",
      ],
    ] as const
  ) {
    await test.step(param, async () => {
      const response = await postMessages(chat, body);
      const { error } = await response.json();
      deepEqual([response.status, error.type, error.param], [400, "invalid_request_error", param]);
      doesNotMatch(error.message, /type "anthropic"/, "it names the block, not our part");
    });
  }
  equal(chat.upstream.received.length, 0);
});

Deno.test("tokens of a prompt are estimated, and nothing is called", async () => {
  await using chat = startChat(() => completion("hi"));
  const { max_tokens: _limit, ...prompt } = HI;
  const count = (body: object) => postMessages(chat, body, {}, "/messages/count_tokens");
  const few = await (await count(prompt)).json();
  const more = await (await count({ ...prompt, system: "x".repeat(400) })).json();
  ok(few.input_tokens > 0 && more.input_tokens - few.input_tokens >= 100);
  const unknown = await count({ ...prompt, model: "nothing" });
  deepEqual([unknown.status, (await unknown.json()).error.type], [404, "not_found_error"]);
  deepEqual([chat.upstream.received.length, chat.database.turns.length], [0, 0]);
});

Deno.test("an unknown path is a 404 in Anthropic's envelope that lists the paths", async () => {
  await using chat = startChat(() => completion("hi"));
  const response = await postMessages(chat, HI, {}, "/messages/batches");
  const { error } = await response.json();
  deepEqual([response.status, error.type], [404, "not_found_error"]);
  match(error.message, /POST \/messages, POST \/messages\/count_tokens/);
  equal((await postMessages(chat, HI, {}, "//messages/?beta=true")).status, 200);
});
