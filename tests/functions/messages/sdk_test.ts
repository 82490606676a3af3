import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import Anthropic, { APIError, APIUserAbortError } from "@anthropic-ai/sdk";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { type ChatFixture, startChat } from "../support/chat_fixture.ts";
import { HI, postMessages } from "../support/messages_fixture.ts";
import { chunk, completion, stream, usageChunk } from "../support/upstream_server.ts";

/* Anthropic's own client, unchanged, against the function on loopback. */

const ASKED: Anthropic.MessageCreateParamsNonStreaming = {
  model: "gpt-4o",
  max_tokens: 100,
  messages: [{ role: "user", content: "hello" }],
};

/** Serves the function where the client looks for it below its base address. */
function serve(chat: ChatFixture) {
  let calls = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (asked) => {
      calls++;
      const { pathname } = new URL(asked.url);
      const headers = Object.fromEntries(asked.headers);
      const body = await asked.text();
      return await postMessages(chat, body, headers, pathname.replace("/functions/v1", ""));
    },
  );
  const baseURL = `http://127.0.0.1:${server.addr.port}/functions`;
  return {
    client: new Anthropic({ baseURL, apiKey: "agb_key" }),
    calls: () => calls,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const streamed = () =>
  stream(
    chunk({ role: "assistant", content: "" }),
    chunk({ content: "he" }),
    chunk({ content: "llo" }, { finish_reason: "stop" }),
    usageChunk(11, 7, { prompt_tokens_details: { cached_tokens: 4 } }),
    "data: [DONE]\n\n",
  );

Deno.test("Anthropic's client gets a message, whole and streamed, with its usage", async () => {
  await using chat = startChat(({ body }) => body.stream ? streamed() : completion("hello"));
  await using served = serve(chat);
  const whole = await served.client.messages.create(ASKED);
  deepEqual([whole.content[0]?.type, whole.usage.input_tokens, whole.stop_reason], [
    "text",
    11,
    "end_turn",
  ]);
  ok(whole._request_id?.startsWith("req_"));
  const events = served.client.messages.stream(ASKED);
  const texts: string[] = [];
  events.on("text", (text) => texts.push(text));
  const { content, usage, stop_reason } = await events.finalMessage();
  deepEqual([content.map((block) => block.type === "text" && block.text), texts.join("")], [
    ["hello"],
    "hello",
  ]);
  deepEqual(
    [usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens, stop_reason],
    [7, 4, 7, "end_turn"],
  );
  const { input_tokens } = await served.client.messages.countTokens({
    model: "gpt-4o",
    messages: ASKED.messages,
  });
  ok(input_tokens > 0);
});

Deno.test("Anthropic's client calls tools in a loop", async () => {
  const call = { index: 0, id: "call_1", function: { name: "see", arguments: '{"at":1}' } };
  await using chat = startChat(({ body }) =>
    body.messages.at(-1).role === "tool"
      ? streamed()
      : stream(chunk({ tool_calls: [call] }), chunk({}, { finish_reason: "tool_calls" }))
  );
  await using served = serve(chat);
  const tools = [{ name: "see", input_schema: { type: "object" as const } }];
  const first = await served.client.messages.stream({ ...ASKED, tools }).finalMessage();
  const [use] = first.content;
  ok(use?.type === "tool_use");
  deepEqual([use.id, use.input, first.stop_reason], ["call_1", { at: 1 }, "tool_use"]);
  const messages: Anthropic.MessageParam[] = [
    ...ASKED.messages,
    { role: "assistant", content: first.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "dark" }] },
  ];
  const second = await served.client.messages.stream({ ...ASKED, tools, messages }).finalMessage();
  equal(second.stop_reason, "end_turn");
  deepEqual(chat.upstream.received[1]?.body.messages.at(-1), {
    role: "tool",
    tool_call_id: "call_1",
    content: "dark",
  });
});

Deno.test("Anthropic's client disconnects, and the upstream call ends", async () => {
  await using chat = startChat(() => stream(chunk({ content: "he" }), () => new Promise(() => {})));
  await using served = serve(chat);
  const events = served.client.messages.stream(ASKED);
  events.on("text", () => events.abort());
  await rejects(events.finalMessage(), APIUserAbortError);
  await chat.upstream.dropped;
  equal((await chat.database.settled()).state, "partial");
});

Deno.test("Anthropic's client does not retry errors that would recur", async (test) => {
  for (
    const [code, status, type] of [
      ["budget_exceeded", 402, "billing_error"],
      ["invalid_api_key", 401, "authentication_error"],
      ["model_not_found", 404, "not_found_error"],
      ["session_ended", 422, "invalid_request_error"],
      ["vendor_not_configured", 503, "api_error"],
    ] as const
  ) {
    await test.step(code, async () => {
      await using chat = startChat(() => completion("hi"));
      chat.database.beginTurn = () => Promise.reject(new ApiError(code, "No."));
      await using served = serve(chat);
      const refused = await served.client.messages.create(ASKED).catch((error) => error);
      ok(refused instanceof APIError);
      deepEqual([refused.status, refused.type, served.calls()], [status, type, 1]);
    });
  }
});

Deno.test("Anthropic's client retries transient errors, and throws for a stream that breaks", async () => {
  await using chat = startChat(({ body }) =>
    body.stream ? stream(chunk({ content: "he" })) : completion("hi")
  );
  const { beginTurn } = chat.database;
  let refused = 0;
  chat.database.beginTurn = (caller, request) => {
    const limited = new ApiError("rate_limit_exceeded", "Slow.", {
      headers: { "retry-after-ms": "1" },
    });
    return refused++ === 0 ? Promise.reject(limited) : beginTurn(caller, request);
  };
  await using served = serve(chat);
  await served.client.messages.create(ASKED);
  equal(served.calls(), 2);
  const broken = await served.client.messages.stream({ ...HI as typeof ASKED }).finalMessage()
    .catch((error) => error);
  ok(broken instanceof APIError);
  equal(broken.type, "api_error");
});
