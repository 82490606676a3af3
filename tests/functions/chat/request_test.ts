import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { handleChat } from "../../../functions/chat/handler.ts";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { chatRequest, HELLO, startChat } from "../support/chat_fixture.ts";
import { completion } from "../support/upstream_server.ts";

const user = { role: "user", content: "hello" };
const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } };
const call = { id: "call_1", type: "function", function: { name: "f", arguments: "{}" } };

const accepted: Record<string, unknown> = {
  "parts": { messages: [{ role: "user", content: [{ type: "text", text: "hello" }, image] }] },
  "every role": {
    messages: [
      { role: "system", content: "Be brief." },
      { role: "developer", content: "Be kind." },
      { role: "user", content: "hello", name: "ann" },
      { role: "assistant", content: null, tool_calls: [call] },
      { role: "tool", content: "42", tool_call_id: "call_1" },
      { role: "assistant", content: "It is 42." },
      user,
    ],
  },
  "no model": { messages: [user] },
  "nulls for what is optional": {
    messages: [user],
    model: null,
    n: null,
    stream: null,
    stream_options: null,
    temperature: null,
    max_tokens: null,
    stop: null,
    tools: null,
    metadata: null,
  },
  "everything": {
    messages: [user],
    model: "gpt-4o",
    n: 1,
    temperature: 2,
    top_p: 0,
    max_completion_tokens: 1,
    stop: ["a", "b"],
    tools: [{ type: "function", function: { name: "f", parameters: {} } }],
    tool_choice: { type: "function", function: { name: "f" } },
    response_format: { type: "json_schema", json_schema: { name: "x", schema: {} } },
    seed: 7,
    user: "u",
    logit_bias: { "50256": -100 },
    some_future_field: { a: [1] },
  },
};

for (const [what, body] of Object.entries(accepted)) {
  Deno.test(`chat accepts ${what}`, async () => {
    await using chat = startChat(() => completion("hi"));
    const response = await chat.post(body);
    equal(response.status, 200, await response.text());
  });
}

const refused: Record<string, [body: unknown, param: string, code: string]> = {
  "no messages": [{}, "messages", "missing_required_parameter"],
  "functions beside tools": [
    {
      messages: [user],
      tools: [{ type: "function", function: { name: "f" } }],
      functions: [{ name: "g" }],
    },
    "functions",
    "invalid_value",
  ],
  "empty messages": [{ messages: [] }, "messages", "invalid_value"],
  "messages of another type": [{ messages: "hello" }, "messages", "invalid_type"],
  "a message of another type": [{ messages: ["hello"] }, "messages[0]", "invalid_type"],
  "a message without role": [
    { messages: [{ content: "x" }] },
    "messages[0].role",
    "missing_required_parameter",
  ],
  "an unknown role": [
    { messages: [{ role: "robot", content: "x" }] },
    "messages[0].role",
    "invalid_value",
  ],
  "a message without content": [
    { messages: [user, { role: "user" }] },
    "messages[1].content",
    "missing_required_parameter",
  ],
  "content of another type": [
    { messages: [{ role: "user", content: 7 }] },
    "messages[0].content",
    "invalid_value",
  ],
  "no parts": [
    { messages: [{ role: "user", content: [] }] },
    "messages[0].content",
    "invalid_value",
  ],
  "a part without type": [
    { messages: [{ role: "user", content: [{ text: "x" }] }] },
    "messages[0].content[0].type",
    "missing_required_parameter",
  ],
  "a tool's answer to nothing": [
    { messages: [{ role: "tool", content: "42" }] },
    "messages[0].tool_call_id",
    "missing_required_parameter",
  ],
  "a user who calls tools": [
    { messages: [{ ...user, tool_calls: [call] }] },
    "messages[0].tool_calls",
    "invalid_type",
  ],
  "a model of another type": [{ ...HELLO, model: 4 }, "model", "invalid_type"],
  "an empty model": [{ ...HELLO, model: "" }, "model", "invalid_value"],
  "two choices": [{ ...HELLO, n: 2 }, "n", "invalid_value"],
  "stream of another type": [{ ...HELLO, stream: "yes" }, "stream", "invalid_type"],
  "stream options without stream": [
    { ...HELLO, stream_options: { include_usage: true } },
    "stream_options",
    "invalid_value",
  ],
  "a temperature that burns": [{ ...HELLO, temperature: 2.1 }, "temperature", "invalid_value"],
  "a temperature that is text": [{ ...HELLO, temperature: "1" }, "temperature", "invalid_type"],
  "no tokens": [{ ...HELLO, max_tokens: 0 }, "max_tokens", "invalid_value"],
  "two limits that differ": [
    { ...HELLO, max_completion_tokens: 1, max_tokens: 100_000 },
    "max_tokens",
    "invalid_value",
  ],
  "more tokens than the database counts": [
    { ...HELLO, max_tokens: 2_147_483_648 },
    "max_tokens",
    "invalid_value",
  ],
  "as many answered": [
    { ...HELLO, max_completion_tokens: 2 ** 53 - 1 },
    "max_completion_tokens",
    "invalid_value",
  ],
  "a name that hides something": [
    { messages: [{ ...user, name: "Eve\u202e" }] },
    "messages[0].name",
    "invalid_value",
  ],
  "a call that is a megabyte long": [
    { messages: [{ role: "tool", content: "42", tool_call_id: "x".repeat(1_000_000) }] },
    "messages[0].tool_call_id",
    "invalid_value",
  ],
  "half a token": [{ ...HELLO, max_tokens: 1.5 }, "max_tokens", "invalid_type"],
  "stop of another type": [{ ...HELLO, stop: 1 }, "stop", "invalid_value"],
  "tools of another type": [{ ...HELLO, tools: {} }, "tools", "invalid_type"],
  "a session id of another type": [
    { ...HELLO, metadata: { session_id: 7 } },
    "metadata.session_id",
    "invalid_type",
  ],
  "a title that is an essay": [
    { ...HELLO, metadata: { title: "x".repeat(256) } },
    "metadata.title",
    "invalid_value",
  ],
};

for (const [what, [body, param, code]] of Object.entries(refused)) {
  Deno.test(`chat refuses ${what}`, async () => {
    await using chat = startChat(() => completion("hi"));
    const response = await chat.post(body);
    const { error } = await response.json();
    deepEqual([response.status, error.param, error.code], [400, param, code], error.message);
    equal(error.type, "invalid_request_error");
    match(
      error.message,
      new RegExp(`^Cannot use "${param.replaceAll(/[[\]]/g, "\\$&")}": [^A-Z].*\\.$`),
    );
    equal(chat.database.turns.length, 0, "nothing is stored");
    equal(chat.upstream.received.length, 0, "nothing is called");
  });
}

Deno.test("chat refuses two different sessions in one request", async () => {
  await using chat = startChat(() => completion("hi"));
  const body = { ...HELLO, metadata: { session_id: "sess_a" } };
  equal((await chat.post(body, { "x-session-id": "sess_b" })).status, 400);
  equal((await chat.post(body, { "x-session-id": "sess_a" })).status, 200);
});

Deno.test("chat refuses a body beyond the limit before it reads all of it", async () => {
  await using chat = startChat(() => completion("hi"));
  const body = { messages: [{ role: "user", content: "x".repeat(20 * 1024 * 1024) }] };
  const response = await chat.post(body);
  equal(response.status, 413);
  equal((await response.json()).error.code, "request_too_large");
  equal(chat.database.turns.length, 0);
});

Deno.test("chat accepts images and long prompts of nearly twenty megabytes", async () => {
  await using chat = startChat(() => completion("hi"));
  const url = "data:image/jpeg;base64,".padEnd(15_000_000, "A");
  const content = [
    { type: "text", text: "ü".repeat(2_000_000) },
    { type: "image_url", image_url: { url } },
  ];
  const response = await chat.post({ ...HELLO, messages: [{ role: "user", content }] });
  equal(response.status, 200);
  await response.body?.cancel();
  const given = JSON.stringify(chat.upstream.received[0]?.body.messages.at(-1).content);
  ok(given === JSON.stringify(content), `${given.length} characters`);
});

Deno.test("chat authenticates the caller before it reads the body", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.deps.authenticate = () => Promise.reject(new ApiError("missing_token", "Who?"));
  const response = await chat.post("{");
  equal(response.status, 401);
  await response.body?.cancel();
});

Deno.test("chat answers on one path with one method", async () => {
  await using chat = startChat(() => completion("hi"));
  const send = (path: string, method: string) =>
    handleChat(new Request(`http://127.0.0.1${path}`, { method }), chat.deps);
  const wrongMethod = await send("/chat/completions", "GET");
  equal(wrongMethod.status, 405);
  equal(wrongMethod.headers.get("allow"), "POST, OPTIONS");
  equal((await wrongMethod.json()).error.code, "method_not_allowed");
  const wrongPath = await send("/chat/completion", "POST");
  equal(wrongPath.status, 404);
  equal((await wrongPath.json()).error.code, "unknown_path");
  equal((await send("/functions/v1/chat/completions", "OPTIONS")).status, 204);
});

Deno.test("chat answers any bytes with a 4xx in OpenAI's envelope, and never a 500", async () => {
  await using chat = startChat(() => completion("hi"));
  const nearly = fc.record({
    messages: fc.oneof(
      fc.jsonValue(),
      fc.array(
        fc.record({
          role: fc.constantFrom("user", "assistant", "tool", "x"),
          content: fc.jsonValue(),
        }),
      ),
    ),
    model: fc.jsonValue(),
    stream: fc.jsonValue(),
    stop: fc.jsonValue(),
    metadata: fc.jsonValue(),
    temperature: fc.jsonValue(),
  }, { requiredKeys: [] }).map((value) => new TextEncoder().encode(JSON.stringify(value)));
  const bodies = fc.oneof(fc.uint8Array({ maxLength: 200 }), nearly);
  const statuses = new Map<number, number>();
  await fc.assert(fc.asyncProperty(bodies, async (body) => {
    const response = await handleChat(chatRequest(body), chat.deps);
    const answer = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    // The random request may happen to be valid: then the model has answered it.
    if (response.status === 200) {
      equal(JSON.parse(answer).choices[0].message.content, "hi");
      return;
    }
    ok(response.status >= 400 && response.status < 500, `${response.status}: ${answer}`);
    const { error } = JSON.parse(answer);
    deepEqual(Object.keys(error), ["message", "type", "param", "code"]);
  }));
  ok((statuses.get(400) ?? 0) > 50, JSON.stringify([...statuses]));
});
