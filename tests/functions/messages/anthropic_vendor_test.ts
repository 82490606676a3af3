import { deepEqual, equal, ok } from "node:assert/strict";
import {
  type ChatFixture,
  eventsOf,
  HELLO,
  startChat,
  VENDOR_KEY,
} from "../support/chat_fixture.ts";
import {
  blocksOf,
  HI,
  messageEvents,
  postMessages,
  vendorEvents,
} from "../support/messages_fixture.ts";
import { type Answer, data, stream } from "../support/upstream_server.ts";

/* Vendors with Anthropic's API, for clients of Anthropic's and of OpenAI's. */

const KEY = { id: "k", user_id: "u", vendor_id: "anthropic", encrypted_key: "v1:k:a:b" };

/** A vendor with Anthropic's API, called with the caller's own key or the platform's. */
function startVendor(answer: Answer, credential: "own" | "platform" = "own"): ChatFixture {
  const deps = { decryptKey: () => Promise.resolve(VENDOR_KEY) };
  const chat = startChat(answer, { deps });
  chat.turn = { defaults: {} };
  Object.assign(chat.route, {
    api_format: "anthropic",
    auth_header: "x-api-key",
    auth_scheme: null,
    credential,
    keys: credential === "own" ? [KEY] : [],
    model: "claude-x",
  });
  return chat;
}

const usage = {
  input_tokens: 10,
  cache_read_input_tokens: 60,
  cache_creation_input_tokens: 30,
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
  output_tokens: 7,
  output_tokens_details: { thinking_tokens: 3 },
};
const thought = { type: "thinking", thinking: "hm", signature: "c2ln" };
const redacted = { type: "redacted_thinking", data: "b3BhcXVl" };
const text = { type: "text", text: "I call." };
const use = { type: "tool_use", id: "toolu_1", name: "see", input: { a: 1 } };

const message = (content: object[], rest: object = {}) =>
  Response.json({
    id: "msg_vendor",
    type: "message",
    role: "assistant",
    model: "claude-x-1",
    content,
    stop_reason: "tool_use",
    stop_sequence: null,
    usage,
    ...rest,
  });

const streamed = (stop = "tool_use") =>
  vendorEvents(
    {
      type: "message_start",
      message: { id: "msg_vendor", model: "claude-x-1", usage: { ...usage, output_tokens: 1 } },
    },
    { type: "ping" },
    { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "h" } },
    { type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "m" } },
    {
      type: "content_block_delta",
      index: 0,
      delta: { type: "signature_delta", signature: "c2ln" },
    },
    { type: "content_block_stop", index: 0 },
    { type: "content_block_start", index: 1, content_block: redacted },
    { type: "content_block_stop", index: 1 },
    { type: "content_block_start", index: 2, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 2, delta: { type: "text_delta", text: "I call." } },
    { type: "content_block_stop", index: 2 },
    { type: "content_block_start", index: 3, content_block: { ...use, input: {} } },
    {
      type: "content_block_delta",
      index: 3,
      delta: { type: "input_json_delta", partial_json: '{"a":1}' },
    },
    { type: "content_block_stop", index: 3 },
    { type: "message_delta", delta: { stop_reason: stop }, usage: { output_tokens: 7 } },
    { type: "message_stop" },
  );

const mark = { cache_control: { type: "ephemeral", ttl: "1h" } };
const pdf = {
  type: "document",
  source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" },
  title: "Bill",
};
const asked = {
  model: "gpt-4o",
  max_tokens: 4000,
  system: [{ type: "text", text: "Be brief.", ...mark }],
  messages: [
    { role: "user", content: [pdf, { type: "text", text: "what?", ...mark }] },
    { role: "assistant", content: [thought, redacted, text, use] },
    {
      role: "user",
      content: [{
        type: "tool_result",
        tool_use_id: "toolu_1",
        is_error: true,
        content: [{ type: "text", text: "dark" }],
      }],
    },
  ],
  tools: [
    { name: "see", input_schema: { type: "object" }, ...mark },
    { type: "bash_20250124", name: "bash" },
    { type: "web_search_20250305", name: "web_search", max_uses: 2 },
    { type: "not_known_20990101", name: "not_known" },
  ],
  tool_choice: { type: "auto", disable_parallel_tool_use: true },
  thinking: { type: "enabled", budget_tokens: 2000 },
  stop_sequences: ["END"],
  metadata: { user_id: "u1" },
  service_tier: "auto",
  context_management: { edits: [] },
};

Deno.test("with the caller's own key Anthropic's API gets all that was asked for", async () => {
  await using chat = startVendor(() => message([text]));
  const headers = { "anthropic-beta": "files-api-2025-04-14", "anthropic-version": "2026-10-21" };
  equal((await postMessages(chat, asked, headers)).status, 200);
  const [call] = chat.upstream.received;
  const { system, ...rest } = asked;
  deepEqual(call?.body, {
    ...rest,
    model: "claude-x",
    system: [{ type: "text", text: "Be brief." }, ...system],
  });
  const named = ["x-api-key", "anthropic-version", "anthropic-beta", "authorization"];
  deepEqual(named.map((name) => call?.headers.get(name)), [
    VENDOR_KEY,
    "2023-06-01",
    "files-api-2025-04-14",
    null,
  ]);
  equal(call?.path, "/v1/messages");
});

Deno.test("with another credential Anthropic's API gets no field that is billed separately", async () => {
  await using chat = startVendor(() => message([text]), "platform");
  const response = await postMessages(chat, asked, { "anthropic-beta": "files-api-2025-04-14" });
  equal(response.status, 200);
  const [call] = chat.upstream.received;
  const { tools, system, thinking, messages, ...rest } = call?.body;
  const short = { type: "ephemeral" };
  deepEqual(tools, [
    { name: "see", input_schema: { type: "object" }, cache_control: short },
    { type: "bash_20250124", name: "bash" },
  ]);
  deepEqual([system[1].cache_control, thinking.budget_tokens], [short, 2000]);
  deepEqual(messages[0].content, [pdf, { type: "text", text: "what?", cache_control: short }]);
  deepEqual(messages[1].content[0], thought);
  deepEqual(Object.keys(rest).sort(), [
    "max_tokens",
    "metadata",
    "model",
    "stop_sequences",
    "tool_choice",
  ]);
  equal(call?.headers.has("anthropic-beta"), false);
});

Deno.test("with another credential a request that depends on a hosted tool is refused", async () => {
  await using chat = startVendor(() => message([text]), "platform");
  const tool_choice = { type: "tool", name: "web_search" };
  const response = await postMessages(chat, { ...asked, tool_choice });
  const { error } = await response.json();
  deepEqual([response.status, error.code, error.param], [400, "content_not_supported", "tools[2]"]);
});

Deno.test("an answer of Anthropic's API reaches Anthropic's clients unchanged, with exact usage", async () => {
  await using chat = startVendor(() =>
    message([thought, redacted, text], { stop_reason: "stop_sequence", stop_sequence: "END" })
  );
  const body = await (await postMessages(chat, asked)).json();
  deepEqual(body.content, [thought, redacted, text]);
  deepEqual([body.stop_reason, body.stop_sequence], ["stop_sequence", "END"]);
  for (const [name, value] of Object.entries(usage)) deepEqual(body.usage[name], value, name);
  const settled = await chat.database.settled();
  const { input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens } =
    settled.usage!;
  deepEqual(
    [input_tokens, cached_input_tokens, cache_write_tokens, output_tokens, reasoning_tokens],
    [100, 60, 30, 7, 3],
  );
  deepEqual([settled.content, settled.model_used], ["I call.", "claude-x-1"]);
});

Deno.test("blocks in an unusual order, and those of hosted tools, keep their place", async () => {
  const content = [
    text,
    { type: "server_tool_use", id: "s", name: "web_search", input: { query: "x" } },
    { type: "web_search_tool_result", tool_use_id: "s", content: [] },
    { ...text, citations: [{ type: "char_location" }] },
  ];
  await using chat = startVendor(() => message(content, { stop_reason: "pause_turn" }));
  const body = await (await postMessages(chat, asked)).json();
  deepEqual([body.content, body.stop_reason], [content, "pause_turn"]);
});

Deno.test("a stream of Anthropic's API reaches Anthropic's clients block by block", async () => {
  await using chat = startVendor(() => streamed());
  const response = await postMessages(chat, { ...asked, stream: true });
  const events = await messageEvents(response);
  deepEqual(blocksOf(events), [thought, redacted, text, use]);
  equal(events[0]?.message.usage.cache_read_input_tokens, 60);
  const end = events.at(-2);
  deepEqual([end?.delta.stop_reason, events.at(-1)?.type], ["tool_use", "message_stop"]);
  for (const [name, value] of Object.entries(usage)) {
    // The vendor's last event does not report reasoning tokens, which are counted only at the end.
    if (name !== "output_tokens_details") deepEqual(end?.usage[name], value, name);
  }
  equal((await chat.database.settled()).usage?.input_tokens, 100);
});

Deno.test("OpenAI's client gets a completion from Anthropic's API", async () => {
  await using chat = startVendor(() => message([thought, text, use]));
  const response = await chat.post({
    ...HELLO,
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "look" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{
          id: "functions.see:0",
          type: "function",
          function: { name: "see", arguments: "" },
        }],
      },
      { role: "tool", tool_call_id: "functions.see:0", content: "dark" },
    ],
    tools: [{ type: "function", function: { name: "see" } }],
    tool_choice: "required",
    parallel_tool_calls: false,
    temperature: 1.5,
    top_p: 0.5,
    max_completion_tokens: 500,
    stop: "END",
    response_format: {
      type: "json_schema",
      json_schema: { name: "x", schema: { type: "object" } },
    },
  });
  const { choices, usage: counted } = await response.json();
  const [{ message: answer, finish_reason }] = choices;
  deepEqual([answer.content, answer.reasoning_content, finish_reason], [
    "I call.",
    "hm",
    "tool_calls",
  ]);
  deepEqual(answer.tool_calls[0].function, { name: "see", arguments: '{"a":1}' });
  deepEqual([counted.prompt_tokens, counted.prompt_tokens_details.cached_tokens], [100, 60]);
  deepEqual(chat.upstream.received[0]?.body, {
    model: "claude-x",
    max_tokens: 500,
    system: [{ type: "text", text: "Be brief." }, { type: "text", text: "Be brief." }],
    messages: [
      { role: "user", content: "look" },
      {
        role: "assistant",
        content: [{ type: "tool_use", id: "functions_see_0", name: "see", input: {} }],
      },
      {
        role: "user",
        content: [{ type: "tool_result", tool_use_id: "functions_see_0", content: "dark" }],
      },
    ],
    tools: [{ name: "see", input_schema: { type: "object", properties: {} } }],
    tool_choice: { type: "any", disable_parallel_tool_use: true },
    stop_sequences: ["END"],
    output_config: { format: { type: "json_schema", schema: { type: "object" } } },
    temperature: 1,
  });
});

Deno.test("an answer of Anthropic's API is read although a comment follows it", async () => {
  const sent = `${await message([text]).text()}\n<!-- served by a proxy -->`;
  await using chat = startVendor(() => new Response(sent));
  const { choices } = await (await chat.post(HELLO)).json();
  equal(choices[0].message.content, "I call.");
});

Deno.test("OpenAI's client gets chunks from a stream of Anthropic's API", async () => {
  await using chat = startVendor(() => streamed());
  const body = { ...HELLO, stream: true, stream_options: { include_usage: true } };
  // deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
  const chunks = (await eventsOf(await chat.post(body))).slice(0, -1) as any[];
  const deltas = chunks.flatMap(({ choices }) => choices).map(({ delta }) => delta);
  const said = (field: string) => deltas.map((delta) => delta[field] ?? "").join("");
  deepEqual([said("content"), said("reasoning_content")], ["I call.", "hm"]);
  const calls = deltas.flatMap(({ tool_calls = [] }) => tool_calls);
  equal(calls.map((call) => call.function?.arguments ?? "").join(""), '{"a":1}');
  equal(chunks.at(-2).choices[0].finish_reason, "tool_calls");
  deepEqual([chunks.at(-1).usage.prompt_tokens, chunks.at(-1).usage.completion_tokens], [100, 7]);
  equal(chat.upstream.received[0]?.body.max_tokens, 8192);
});

Deno.test("an answer of Anthropic's API that breaks off is never taken for a whole one", async (test) => {
  const begin = [
    { type: "message_start", message: { id: "m", model: "c", usage: { input_tokens: 500 } } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "he" } },
  ];
  const failed = { type: "message_delta", delta: { stop_reason: "network_error" } };
  const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
  for (
    const [what, answer] of [
      ["it is cut", () => vendorEvents(...begin)],
      ["it says why", () => vendorEvents(...begin, overloaded)],
      [
        "it stops without a reason",
        () => vendorEvents(...begin, { type: "content_block_stop", index: 0 }),
      ],
      ["it stops with the reason of a failure", () => vendorEvents(...begin, failed)],
    ] as const
  ) {
    await test.step(what, async () => {
      await using chat = startVendor(answer);
      const events = await messageEvents(await postMessages(chat, { ...HI, stream: true }));
      equal(events.at(-1)?.type, "error");
      const { state, usage } = await chat.database.settled();
      deepEqual([state, usage?.input_tokens], ["partial", 500]);
    });
  }
});

Deno.test("a stream of Anthropic's API is read as loosely as one of OpenAI's", async (test) => {
  const start = { type: "message_start", message: { id: "m", model: "c", usage } };
  const opened = (index: number, content_block: object) => ({
    type: "content_block_start",
    index,
    content_block,
  });
  const said = (index: number, delta: object) => ({ type: "content_block_delta", index, delta });
  const end = [
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 7 } },
    { type: "message_stop" },
  ];
  const lines = (...events: object[]) =>
    events.map((event) => `event: ${Reflect.get(event, "type")}\n${data(event)}`);
  const hello = lines(
    start,
    opened(0, { type: "text", text: "" }),
    said(0, { type: "text_delta", text: "Hel" }),
    said(0, { type: "text_delta", text: "lo" }),
    { type: "content_block_stop", index: 0 },
    ...end,
  );
  const beats = ["data: : keepalive\n\n", "data: ping\n\n", "data: null\n\n", ": comment\n\n"];
  const calls = [{ type: "function", function: { name: "see", arguments: '{"a":1}' } }];
  for (
    const [what, events, is] of [
      ["signs of life", hello.flatMap((event) => [...beats, event]), { content: "Hello" }],
      ["events that are new", hello.flatMap((one) => [...lines({ type: "news", at: 1 }), one]), {
        content: "Hello",
      }],
      ["events without names", hello.map((one) => one.slice(one.indexOf("data:"))), {
        content: "Hello",
      }],
      ["the line breaks of Windows", hello.map((one) => one.replaceAll("\n", "\r\n")), {
        content: "Hello",
      }],
      [
        "text at the beginning of a block, and pieces without a type",
        lines(
          start,
          opened(0, { type: "text", text: "Hel" }),
          said(0, { text: "lo" }),
          ...end,
        ),
        { content: "Hello" },
      ],
      [
        "a call whose block has its input and no end",
        lines(start, opened(0, use), ...end),
        { calls },
      ],
      [
        "blocks without an end",
        lines(start, opened(0, use), opened(1, { type: "text", text: "Hello" }), ...end),
        { content: "Hello", calls },
      ],
      ["noise behind its end", [`${hello.join("")}data: {oops\n\n`], { content: "Hello" }],
      ["an error without a type", [...hello.slice(0, 3), data({ error: { message: "gone" } })], {
        content: "Hel",
        error: "upstream_error",
      }],
      [
        "an exception",
        [...hello.slice(0, 3), 'event: exception\ndata: {"message":"gone"}\n\n'],
        { content: "Hel", error: "upstream_error" },
      ],
      ["an error that is a sentence", [...hello.slice(0, 3), "event: error\ndata: gone\n\n"], {
        content: "Hel",
        error: "upstream_error",
      }],
    ] as const
  ) {
    await test.step(what, async () => {
      await using chat = startVendor(() => stream(...events));
      // deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
      const told: any[] = await eventsOf(await chat.post({ ...HELLO, stream: true }));
      const deltas = told.map((one) => one.choices?.[0]?.delta ?? {});
      const made: { type: string; function: { name: string; arguments: string } }[] = [];
      for (const { index, function: piece } of deltas.flatMap((one) => one.tool_calls ?? [])) {
        const call = made[index] ??= { type: "function", function: { name: "", arguments: "" } };
        call.function.name += piece?.name ?? "";
        call.function.arguments += piece?.arguments ?? "";
      }
      const error = told.find((one) => one.error)?.error.code;
      deepEqual(
        {
          content: deltas.map(({ content }) => content ?? "").join(""),
          calls: made,
          error,
        },
        { content: "", calls: [], error: undefined, ...is },
      );
      const outcome = await chat.database.settled();
      equal(outcome.state, error ? "partial" : "succeeded");
      equal(outcome.usage?.input_tokens, 100);
    });
  }
});

Deno.test("a stream that was not asked for may have events of several lines", async () => {
  const error = JSON.stringify({ error: { message: "No.", code: 400 } }, null, 1);
  await using chat = startVendor(() => stream(`data: ${error.replaceAll("\n", "\ndata: ")}\n\n`));
  const response = await chat.post(HELLO);
  const { error: { code } } = await response.json();
  deepEqual([response.status, code], [400, "upstream_rejected_request"]);
});

Deno.test("errors of Anthropic's API get the status of their cause", async (test) => {
  const refused = (status: number, type: string) => () =>
    Response.json({ type: "error", error: { type, message: "No." } }, { status });
  for (
    const [status, type, ours, code] of [
      [400, "invalid_request_error", 400, "upstream_rejected_request"],
      [401, "authentication_error", 400, "vendor_key_rejected"],
      [429, "rate_limit_error", 429, "rate_limit_exceeded"],
      [529, "overloaded_error", 502, "upstream_error"],
    ] as const
  ) {
    await test.step(type, async () => {
      await using chat = startVendor(refused(status, type));
      for (const stream of [false, true]) {
        const response = await postMessages(chat, { ...HI, stream });
        const { error } = await response.json();
        deepEqual([response.status, error.code], [ours, code]);
      }
    });
  }
});

Deno.test("no more cache_control marks are sent than Anthropic accepts, and the latest are kept", async () => {
  await using chat = startVendor(() => message([text]));
  const said = (at: number) => ({ type: "text", text: `say ${at}`, ...mark });
  const messages = Array.from({ length: 7 }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "assistant",
    content: [said(at)],
  }));
  await (await postMessages(chat, { ...HI, messages, system: [said(9)] })).body?.cancel();
  const sent = chat.upstream.received[0]?.body;
  const marked = sent.messages.map(({ content }: { content: object[] }) =>
    "cache_control" in content[0]!
  );
  deepEqual(marked, [false, false, false, false, true, true, true]);
  ok(sent.system[1].cache_control);
});

Deno.test("tool results of calls made without thinking are sent without thinking", async () => {
  await using chat = startVendor(() => message([text]));
  const messages = asked.messages.map((message, at) =>
    at === 1 ? { ...message, content: [use] } : message
  );
  await (await postMessages(chat, { ...asked, messages })).body?.cancel();
  equal("thinking" in chat.upstream.received[0]?.body, false);
});
