import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { contentsOf } from "../../../functions/_shared/gateway/formats/gemini/contents.ts";
import { completionText } from "../../../functions/_shared/gateway/formats/gemini/vendor_answer.ts";
import { openaiChat } from "../../../functions/_shared/gateway/formats/openai_chat/format.ts";
import type { Route, Turn } from "../../../functions/_shared/gateway/turn_database.ts";
import { route } from "../support/memory_database.ts";
import { geminiRequest } from "../../../functions/_shared/gateway/formats/gemini/vendor_request.ts";
import { eventsOf, HELLO, startChat, VENDOR_KEY } from "../support/chat_fixture.ts";
import { type Answer, data, stream } from "../support/upstream_server.ts";

/* Vendors with Gemini's API, for clients of OpenAI's. */

// deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
type Json = any;

function turnOf(messages: Turn["messages"], to: Route): Turn {
  return {
    turn_id: crypto.randomUUID(),
    model: to.model,
    routes: [to],
    defaults: {},
    messages,
    new_messages: messages.length,
  };
}

const VERTEX = "aiplatform.googleapis.com/v1/projects/p/locations/us-central1/publishers/google";
const KEY = { id: "k", user_id: "u", vendor_id: "google_ai", encrypted_key: "v1:k:a:b" };

function startVendor(answer: Answer, model = "gemini-3-pro") {
  const chat = startChat(answer, { deps: { decryptKey: () => Promise.resolve(VENDOR_KEY) } });
  chat.turn = { defaults: {} };
  Object.assign(chat.route, {
    api_format: "gemini",
    auth_header: "x-goog-api-key",
    auth_scheme: null,
    credential: "own",
    keys: [KEY],
    model,
  });
  return chat;
}

const usageMetadata = {
  promptTokenCount: 100,
  candidatesTokenCount: 7,
  thoughtsTokenCount: 3,
  cachedContentTokenCount: 60,
  totalTokenCount: 110,
};
const answer = (parts: object[], rest: object = { finishReason: "STOP" }) => ({
  responseId: "r1",
  modelVersion: "gemini-3-pro-001",
  candidates: [{ index: 0, content: { role: "model", parts }, ...rest }],
  usageMetadata,
});
const thought = { text: "I must look.", thought: true };
const call = { functionCall: { name: "see", args: { at: 1 } }, thoughtSignature: "c2ln" };
const tools = [{
  type: "function",
  function: { name: "see", parameters: { type: "object", properties: { at: { type: "number" } } } },
}];

Deno.test("Gemini's API is sent a chat in its own format, with PDFs and signatures", async () => {
  await using chat = startVendor(() => Response.json(answer([{ text: "Dark." }])));
  const messages = [
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0x" } },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      ],
    },
    {
      role: "assistant",
      content: null,
      tool_calls: [{
        id: "a",
        type: "function",
        function: { name: "see", arguments: '{"at":1}' },
        extra_content: { google: { thought_signature: "c2ln" } },
      }],
    },
    { role: "tool", tool_call_id: "a", content: "dark" },
  ];
  const response = await chat.post({
    ...HELLO,
    messages,
    tools,
    tool_choice: { type: "function", function: { name: "see" } },
    max_tokens: 50,
    stop: "END",
    reasoning_effort: "low",
    response_format: {
      type: "json_schema",
      json_schema: { name: "x", schema: { type: "object" } },
    },
  });
  equal(response.status, 200);
  const [received] = chat.upstream.received;
  equal(received?.path, "/v1/models/gemini-3-pro:generateContent");
  equal(received.headers.get("x-goog-api-key"), VENDOR_KEY);
  deepEqual(received.body, {
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [
      {
        role: "user",
        parts: [
          { text: "What is this?" },
          { inlineData: { mimeType: "application/pdf", data: "JVBERi0x" } },
          { inlineData: { mimeType: "image/png", data: "AAAA" } },
        ],
      },
      {
        role: "model",
        parts: [{ ...call, functionCall: { id: "a", ...call.functionCall } }],
      },
      {
        role: "user",
        parts: [{ functionResponse: { id: "a", name: "see", response: { result: "dark" } } }],
      },
    ],
    tools: [{
      functionDeclarations: [{ name: "see", parametersJsonSchema: tools[0]?.function.parameters }],
    }],
    toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["see"] } },
    generationConfig: {
      maxOutputTokens: 50,
      stopSequences: ["END"],
      responseMimeType: "application/json",
      responseJsonSchema: { type: "object" },
      thinkingConfig: { thinkingLevel: "low", includeThoughts: true },
    },
  });
});

for (
  const [what, base_url, id] of [
    ["Gemini's API", "https://generativelanguage.googleapis.com/v1beta", "a"],
    ["a proxy of it", "https://proxy.test/v1beta", "a"],
    ["Vertex AI", `https://us-central1-${VERTEX}`, undefined],
    ["Vertex AI behind a proxy", `https://proxy.test/${VERTEX}`, undefined],
  ] as const
) {
  Deno.test(`${what} is sent calls and results ${id ? "with" : "without"} their ids`, () => {
    const messages = [
      ...HELLO.messages,
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "a", type: "function", function: { name: "see", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "1" },
    ];
    const asked = openaiChat.parse({ model: "gemini-3.8-flash", messages }, new Headers());
    const to = route({ api_format: "gemini", base_url, credential: "own" });
    const sent: Json = openaiChat.upstreamBody(asked.body, turnOf(asked.turn.messages, to), to);
    const [, called, answered] = sent.contents;
    deepEqual(
      [called.parts[0].functionCall.id, answered.parts[0].functionResponse.id],
      [id, id],
    );
  });
}

for (
  const [model, effort, config] of [
    ["gemini-2.5-flash", "none", { thinkingBudget: 0, includeThoughts: false }],
    ["gemini-2.5-pro", "none", { thinkingBudget: 128, includeThoughts: false }],
    ["gemini-2.5-pro", "medium", { thinkingBudget: 8192, includeThoughts: true }],
    ["gemini-3.8-flash", "none", { thinkingLevel: "low", includeThoughts: false }],
    ["gemini-3.8-flash", "medium", { thinkingLevel: "medium", includeThoughts: true }],
    ["gemini-3.6-flash", "minimal", { thinkingLevel: "minimal", includeThoughts: true }],
    ["gemini-3.8-flash-lite", "none", { thinkingLevel: "minimal", includeThoughts: false }],
    ["gemini-3.1-pro-preview", "minimal", { thinkingLevel: "low", includeThoughts: true }],
    ["gemini-3-pro-preview", "medium", { thinkingLevel: "high", includeThoughts: true }],
    ["gemini-4-neon", "high", { thinkingLevel: "high", includeThoughts: true }],
    ["gemini-4-neon", "none", { thinkingLevel: "low", includeThoughts: false }],
  ] as const
) {
  Deno.test(`${model} gets the thinking setting for the effort ${effort}`, () => {
    const sent = { model, reasoning_effort: effort, messages: [{ role: "user", content: "hi" }] };
    const written = geminiRequest(sent, { max_tokens_field: "max_tokens" });
    deepEqual(written.generationConfig, { thinkingConfig: config });
  });
}

Deno.test("an answer of Gemini's API is a completion, with thoughts, calls and exact usage", async () => {
  await using chat = startVendor(() => Response.json(answer([thought, call])));
  const { choices, usage } = await (await chat.post({ ...HELLO, tools })).json();
  const [{ message, finish_reason }] = choices;
  deepEqual([message.reasoning_content, message.content, finish_reason], [
    "I must look.",
    null,
    "tool_calls",
  ]);
  const [made] = message.tool_calls;
  deepEqual([made.function, made.extra_content], [
    { name: "see", arguments: '{"at":1}' },
    { google: { thought_signature: "c2ln" } },
  ]);
  deepEqual([usage.prompt_tokens, usage.completion_tokens, usage.prompt_tokens_details], [
    100,
    10,
    { cached_tokens: 60, cache_write_tokens: 0 },
  ]);
});

Deno.test("an answer of Gemini's API is read although a comment follows it", async () => {
  const sent = `${JSON.stringify(answer([{ text: "Dark." }]))}\n<!-- served by a proxy -->`;
  await using chat = startVendor(() => new Response(sent));
  const { choices } = await (await chat.post(HELLO)).json();
  equal(choices[0].message.content, "Dark.");
});

Deno.test("a stream of Gemini's API becomes chunks, with calls numbered over its events", async () => {
  await using chat = startVendor(() =>
    stream(
      data(answer([thought], {})),
      data(answer([{ text: "One " }], {})),
      data(answer([{ text: "moment." }, call], {})),
      data(answer([call, { text: "", thoughtSignature: "ZW5k" }])),
    )
  );
  const response = await chat.post({
    ...HELLO,
    tools,
    stream: true,
    stream_options: { include_usage: true },
  });
  // deno-lint-ignore no-explicit-any -- chunks, of which a test reads what it looks for.
  const events: any[] = await eventsOf(response);
  equal(events.pop(), "[DONE]");
  const deltas = events.map(({ choices }) => choices[0]?.delta ?? {});
  equal(deltas.map(({ content }) => content ?? "").join(""), "One moment.");
  equal(deltas.map(({ reasoning_content }) => reasoning_content ?? "").join(""), "I must look.");
  const calls = deltas.flatMap(({ tool_calls }) => tool_calls ?? []);
  deepEqual(calls.map(({ index, function: { name } }) => [index, name]), [[0, "see"], [1, "see"]]);
  deepEqual(events.at(-1)?.usage.completion_tokens, 10);
  equal(chat.upstream.received[0]?.search, "?alt=sse");
  equal((await chat.database.settled()).state, "succeeded");
});

Deno.test("calls without a signature get one that Gemini 3 accepts, those with one keep theirs", async (test) => {
  const made = (id: string, signature?: string) => ({
    id,
    type: "function",
    function: { name: "see", arguments: "{}" },
    ...signature && { extra_content: { google: { thought_signature: signature } } },
  });
  const messages = (...tool_calls: object[]) => [
    ...HELLO.messages,
    { role: "assistant", content: null, tool_calls },
    ...tool_calls.map((one) => ({
      role: "tool",
      tool_call_id: Reflect.get(one, "id"),
      content: "1",
    })),
  ];
  const skip = "skip_thought_signature_validator";
  const google = "https://generativelanguage.googleapis.com/v1beta/openai";
  for (
    const [what, model, calls, signatures, base_url] of [
      ["none of two", "gemini-3.8-flash", [made("a"), made("b")], [skip, undefined]],
      ["the first of two", "gemini-4-neon", [made("a", "s"), made("b")], ["s", undefined]],
      ["an earlier model", "gemini-2.5-pro", [made("a")], [undefined]],
      ["the compatible API", "gemini-3.8-flash", [made("a")], [skip], google],
      ["another vendor", "gemini-3.8-flash", [made("a")], [undefined], "https://api.test/v1"],
    ] as const
  ) {
    await test.step(what, () => {
      const body = { model, messages: messages(...calls) };
      const asked = openaiChat.parse(body, new Headers());
      const to = route({
        model,
        ...base_url ? { base_url } : { api_format: "gemini" },
        credential: "own",
      });
      const sent: Json = openaiChat.upstreamBody(asked.body, turnOf(asked.turn.messages, to), to);
      const given: Json[] = base_url ? sent.messages[1].tool_calls : sent.contents[1].parts;
      deepEqual(
        given.map((one) => one.thoughtSignature ?? one.extra_content?.google.thought_signature),
        signatures,
      );
    });
  }
});

Deno.test("answers as Gemini 3 and Gemma give them keep text, signature and usage", async (test) => {
  // Their form is that of vercel/ai's fixtures, the signatures are shortened.
  const event = (parts: object[], usage: object, more: object = {}) =>
    data({
      candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
      usageMetadata: { promptTokenCount: 7, serviceTier: "standard", ...usage },
      modelVersion: "gemini-3.7-flash",
      responseId: "r",
    });
  const end = { finishReason: "STOP" };
  for (
    const [what, events, text, usage] of [
      [
        "a signature in an empty last part",
        [
          event([{ text: "fixture ok" }], {
            candidatesTokenCount: 2,
            totalTokenCount: 103,
            thoughtsTokenCount: 94,
          }),
          event([{ text: "", thoughtSignature: "c2ln" }], {
            candidatesTokenCount: 2,
            totalTokenCount: 103,
            thoughtsTokenCount: 94,
          }, end),
        ],
        "fixture ok",
        [7, 96, 94],
      ],
      [
        "no count of the answer while it thinks",
        [
          event([{ text: "Hm", thought: true }], { totalTokenCount: 21, thoughtsTokenCount: 14 }),
          event([{ text: "hello" }], {
            candidatesTokenCount: 1,
            totalTokenCount: 84,
            thoughtsTokenCount: 76,
          }),
          event([{ text: "" }], {
            candidatesTokenCount: 1,
            totalTokenCount: 84,
            thoughtsTokenCount: 76,
          }, end),
        ],
        "hello",
        [7, 77, 76],
      ],
      [
        "signs of life",
        [
          "data: : keepalive\n\n",
          event([{ text: "hel" }], { totalTokenCount: 9 }),
          "data: ping\n\n",
          "data: null\n\n",
          event([{ text: "lo" }], { candidatesTokenCount: 2, totalTokenCount: 9 }, end),
        ],
        "hello",
        [7, 2, 0],
      ],
      [
        "tokens that a tool of Google's read",
        [event([{ text: "x" }], {
          candidatesTokenCount: 51,
          totalTokenCount: 203,
          toolUsePromptTokenCount: 89,
          thoughtsTokenCount: 56,
        }, end)],
        "x",
        [96, 107, 56],
      ],
    ] as const
  ) {
    await test.step(what, async () => {
      await using chat = startVendor(() => stream(...events), "gemini-3.7-flash");
      const told: Json[] = await eventsOf(await chat.post({ ...HELLO, stream: true }));
      equal(told.map((one) => one.choices?.[0]?.delta.content ?? "").join(""), text);
      const outcome = await chat.database.settled();
      equal(outcome.state, "succeeded");
      deepEqual(
        [
          outcome.usage?.input_tokens,
          outcome.usage?.output_tokens,
          outcome.usage?.reasoning_tokens,
        ],
        usage,
      );
    });
  }
});

Deno.test("errors of Gemini's API are reported with their cause", async (test) => {
  for (
    const [what, body, status, code] of [
      [
        "a prompt",
        { promptFeedback: { blockReason: "SAFETY" }, usageMetadata },
        200,
        "content_filter",
      ],
      ["an answer", answer([{ text: "Half" }], { finishReason: "SAFETY" }), 200, "content_filter"],
      ["a limit", answer([{ text: "Half" }], { finishReason: "MAX_TOKENS" }), 200, "length"],
      [
        "a bad call",
        answer([], { finishReason: "MALFORMED_FUNCTION_CALL" }),
        502,
        "upstream_error",
      ],
    ] as const
  ) {
    await test.step(what, async () => {
      await using chat = startVendor(() => Response.json(body));
      const response = await chat.post(HELLO);
      const { choices, error } = await response.json();
      deepEqual([response.status, error?.code ?? choices[0].finish_reason], [status, code]);
    });
  }
  await using chat = startVendor(() => Response.json(answer([{ text: "no" }])));
  const url = "https://images.test/1.png";
  const content = [{ type: "image_url", image_url: { url } }];
  const refused = await chat.post({ ...HELLO, messages: [{ role: "user", content }] });
  deepEqual([refused.status, (await refused.json()).error.code], [400, "content_not_supported"]);
});

const said = fc.string({ minLength: 1, unit: "grapheme" });
const signed = {
  thoughtSignature: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
};
const modelParts = fc.record({
  thoughts: fc.array(fc.record({ text: said, thought: fc.constant(true) }), { maxLength: 2 }),
  text: fc.option(fc.record({ text: said }), { nil: undefined }),
  calls: fc.array(
    fc.record({
      functionCall: fc.record({
        id: fc.uuid(),
        name: fc.stringMatching(/^[a-z]{1,8}$/),
        args: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue({ maxDepth: 2 })),
      }),
      ...signed,
    }, { requiredKeys: ["functionCall"] }),
    { maxLength: 3 },
  ),
}).filter(({ text, calls }) => text !== undefined || calls.length > 0);

Deno.test("Gemini's answers are sent back to it unchanged, without their thoughts", () => {
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
  fc.assert(
    fc.property(modelParts, ({ thoughts, text, calls }) => {
      const parts = plain([...text ? [text] : [], ...calls]);
      const read: Json = JSON.parse(
        completionText(JSON.stringify(answer([...thoughts, ...parts]))),
      );
      const { message } = read.choices[0];
      deepEqual(message.reasoning_content ?? "", thoughts.map(({ text }) => text).join(""));
      deepEqual(plain(contentsOf([message], true).contents), [{ role: "model", parts }]);
    }),
    { numRuns: 300 },
  );
});
