import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import type OpenAI from "openai";
import type { ResponseStreamEvent } from "openai/resources/responses/responses";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { startResponses } from "../support/responses_fixture.ts";
import { chunk, completion, data, stream, usageChunk } from "../support/upstream_server.ts";

type Params = Omit<OpenAI.Responses.ResponseCreateParamsStreaming, "stream">;

const call = (index: number, id: string, name: string, text: string) => ({
  tool_calls: [{ index, id, type: "function", function: { name, arguments: text } }],
});
const more = (index: number, text: string) => ({
  tool_calls: [{ index, function: { arguments: text } }],
});
const end = (finish_reason: string) => [
  chunk({}, { finish_reason }),
  usageChunk(11, 7, {
    prompt_tokens_details: { cached_tokens: 5 },
    completion_tokens_details: { reasoning_tokens: 3 },
  }),
  data("[DONE]"),
];

/** The events of a streamed response, checked against the rules for all streams. */
async function eventsOf(openai: OpenAI, params: Params): Promise<ResponseStreamEvent[]> {
  const events: ResponseStreamEvent[] = [];
  for await (const event of await openai.responses.create({ ...params, stream: true })) {
    equal(event.sequence_number, events.length);
    events.push(event);
  }
  const opened = events.filter(({ type }) => type === "response.output_item.added");
  const closed = events.filter(({ type }) => type === "response.output_item.done");
  equal(opened.length, closed.length);
  const ids = events.flatMap((event) => "response" in event ? [event.response.id] : []);
  equal(new Set(ids).size, 1);
  for (const event of events) {
    if (!("item_id" in event) || !("output_index" in event)) continue;
    const item = opened.find((added) => "item" in added && added.item.id === event.item_id);
    ok(item && "output_index" in item && item.output_index === event.output_index, event.type);
  }
  return events;
}

const typesOf = (events: readonly ResponseStreamEvent[]) => events.map(({ type }) => type);

function lastOf(events: readonly ResponseStreamEvent[]): OpenAI.Responses.Response {
  const last = events.at(-1);
  ok(last && "response" in last);
  return last.response;
}

const THINKING = [
  chunk({ role: "assistant", content: "" }),
  chunk({ reasoning_content: "Let me " }),
  chunk({ reasoning_content: "see." }),
  chunk({ content: "Hel" }),
  chunk({ content: "lo" }),
];

Deno.test("a streamed answer has every event of its reasoning and text, in order", async () => {
  await using fixture = startResponses(() => stream(...THINKING, ...end("stop")));
  const events = await eventsOf(fixture.openai, {
    model: "gpt-4o",
    input: "hello",
    instructions: "Be kind.",
    reasoning: { effort: "low", summary: "auto" },
  });
  deepEqual(typesOf(events), [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.delta",
    "response.output_item.done",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  const response = lastOf(events);
  const turnId = fixture.chat.database.turns[0]?.turn.turn_id.replaceAll("-", "");
  equal(response.id, `resp_${turnId}`);
  deepEqual(response.output.map(({ type, id }) => [type, id]), [
    ["reasoning", `rs_${turnId}`],
    ["message", `msg_${turnId}`],
  ]);
  deepEqual(response.usage, {
    input_tokens: 11,
    input_tokens_details: { cached_tokens: 5, cache_write_tokens: 0 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 3 },
    total_tokens: 18,
  });
  deepEqual([response.status, response.instructions], ["completed", "Be kind."]);
  const sent = fixture.chat.upstream.received[0]?.body;
  deepEqual(sent.messages, [
    { role: "system", content: "Be brief." },
    { role: "system", content: "Be kind." },
    { role: "user", content: "hello" },
  ]);
  equal(sent.reasoning_effort, "low");
});

Deno.test("a whole answer equals the stream that the client assembles", async () => {
  await using streamed = startResponses(() => stream(...THINKING, ...end("stop")));
  const final = await streamed.openai.responses.stream({ model: "gpt-4o", input: "hello" })
    .finalResponse();
  equal(final.output_text, "Hello");
  await using whole = startResponses(() =>
    completion("Hello", {
      choices: [{
        index: 0,
        message: { role: "assistant", content: "Hello", reasoning_content: "Let me see." },
        finish_reason: "stop",
      }],
    })
  );
  const response = await whole.openai.responses.create({ model: "gpt-4o", input: "hello" });
  equal(response.output_text, "Hello");
  const shapes = ({ output }: OpenAI.Responses.Response) =>
    JSON.parse(JSON.stringify(output, (name, value) => {
      if (name === "parsed" || name === "parsed_arguments") return undefined;
      return name === "id" ? String(value).split("_")[0] : value;
    }));
  deepEqual(shapes(response), shapes(final));
});

const TOOLS: OpenAI.Responses.Tool[] = [
  { type: "function", name: "f", parameters: { type: "object", properties: {} }, strict: true },
  { type: "custom", name: "shell" },
  { type: "web_search" },
];

Deno.test("calls of functions, custom tools and namespaces are separate items", async () => {
  await using fixture = startResponses(() =>
    stream(
      chunk(call(0, "c1", "f", '{"a"')),
      chunk(call(1, "c2", "shell", '{"input":"l')),
      chunk(more(0, ":1}")),
      chunk(more(1, 's"}')),
      chunk(call(2, "c3", "git__log", "")),
      ...end("tool_calls"),
    )
  );
  const namespace = {
    type: "namespace",
    name: "git",
    tools: [{ type: "function", name: "log", parameters: null }],
  } as unknown as OpenAI.Responses.Tool;
  const events = await eventsOf(fixture.openai, {
    model: "gpt-4o",
    input: "hello",
    tools: [...TOOLS, namespace],
  });
  deepEqual(lastOf(events).output.map(({ id: _id, ...item }) => item), [
    { type: "function_call", status: "completed", call_id: "c1", name: "f", arguments: '{"a":1}' },
    { type: "custom_tool_call", status: "completed", call_id: "c2", name: "shell", input: "ls" },
    {
      type: "function_call",
      status: "completed",
      call_id: "c3",
      name: "log",
      namespace: "git",
      arguments: "{}",
    },
  ]);
  const types = new Set(typesOf(events));
  for (const name of ["function_call_arguments", "custom_tool_call_input"]) {
    ok(
      types.has(`response.${name}.delta` as "error") &&
        types.has(`response.${name}.done` as "error"),
    );
  }
  const sent = fixture.chat.upstream.received[0]?.body;
  deepEqual(sent.tools.map((tool: { function: { name: string } }) => tool.function.name), [
    "f",
    "shell",
    "git__log",
  ]);
  equal(sent.tools[0].function.strict, true);
});

Deno.test("refusals, limits and filters end a response like OpenAI's", async () => {
  const cases = [
    [[chunk({ refusal: "No." }), ...end("stop")], "completed", undefined],
    [[chunk({ content: "Hel" }), ...end("length")], "incomplete", "max_output_tokens"],
    [end("content_filter"), "incomplete", "content_filter"],
  ] as const;
  for (const [parts, status, reason] of cases) {
    await using fixture = startResponses(() => stream(...parts));
    const events = await eventsOf(fixture.openai, { model: "gpt-4o", input: "hello" });
    const response = lastOf(events);
    deepEqual([response.status, response.incomplete_details?.reason], [status, reason]);
    equal(events.at(-1)?.type, `response.${status}`);
    equal(response.usage?.output_tokens, 7);
    const types: string[] = typesOf(events);
    equal(types.includes("response.refusal.done"), status === "completed");
  }
});

Deno.test("an answer that breaks off ends as failed, with the text so far", async () => {
  await using fixture = startResponses(() =>
    stream(chunk({ content: "Hel" }), data({ error: { message: "overloaded", code: 503 } }))
  );
  const events = await eventsOf(fixture.openai, { model: "gpt-4o", input: "hello" });
  const response = lastOf(events);
  equal(events.at(-1)?.type, "response.failed");
  deepEqual([response.status, response.error?.code], ["failed", "server_error"]);
  const [item] = response.output;
  ok(item?.type === "message" && item.status === "incomplete");
  equal((await fixture.chat.database.settled()).state, "partial");
});

Deno.test("a request that would be refused again gets a 400, and the client does not retry", async () => {
  for (
    const [code, status] of [
      ["budget_exceeded", 400],
      ["turn_not_found", 400],
      ["vendor_not_configured", 400],
    ] as const
  ) {
    await using fixture = startResponses(() => completion("hi"));
    const { ApiError } = await import("../../../functions/_shared/core/errors.ts");
    fixture.chat.database.beginTurn = () => Promise.reject(new ApiError(code, "No."));
    await rejects(
      fixture.openai.responses.create({
        model: "gpt-4o",
        input: "hi",
        previous_response_id: `resp_${"0".repeat(32)}`,
      }),
      (error: InstanceType<typeof OpenAI.APIError>) => {
        equal(error.status, status);
        equal(error.headers?.get("x-should-retry"), "false");
        if (code === "turn_not_found") {
          deepEqual([error.code, error.param], [
            "previous_response_not_found",
            "previous_response_id",
          ]);
        }
        return true;
      },
    );
    equal(fixture.calls(), 1);
  }
});

Deno.test("the fields of a response reach the vendor as those of chat", async () => {
  await using fixture = startResponses(() => completion("{}"));
  const { openai, chat } = fixture;
  await openai.responses.create({
    model: "gpt-4o",
    store: false,
    previous_response_id: "resp_0123456789abcdef0123456789abcdef",
    input: [
      { role: "developer", content: "Be short." },
      {
        role: "user",
        content: [{ type: "input_text", text: "What is it?" }, {
          type: "input_image",
          image_url: "data:image/png;base64,AAAA",
          detail: "original" as "high",
        }],
      },
    ],
    max_output_tokens: 99,
    text: { format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true } },
    tools: [...TOOLS],
    tool_choice: {
      type: "allowed_tools",
      mode: "required",
      tools: [{ type: "function", name: "f" }],
    },
    parallel_tool_calls: false,
    prompt_cache_key: "k",
    metadata: { a: "b" },
    include: ["reasoning.encrypted_content"],
  });
  const { request } = chat.database.turns[0]!;
  deepEqual(
    [request.continues_turn, request.store, request.max_output_tokens, request.response],
    ["01234567-89ab-cdef-0123-456789abcdef", false, 99, undefined],
  );
  const { messages, tools, ...sent } = chat.upstream.received[0]?.body;
  deepEqual(messages.slice(1), [
    { role: "system", content: "Be short." },
    {
      role: "user",
      content: [{ type: "text", text: "What is it?" }, {
        type: "image_url",
        image_url: { url: "data:image/png;base64,AAAA", detail: "high" },
      }],
    },
  ]);
  equal(tools.length, 1);
  deepEqual(sent, {
    model: "openai/gpt-4o",
    max_tokens: 99,
    response_format: {
      type: "json_schema",
      json_schema: { name: "n", schema: { type: "object" }, strict: true },
    },
    tool_choice: "required",
    parallel_tool_calls: false,
    prompt_cache_key: "k",
  });
});

Deno.test("hosted tools are refused where the request depends on them, and bad items named", async () => {
  await using fixture = startResponses(() => completion("hi"));
  const hosted: OpenAI.Responses.Tool[] = [{ type: "web_search" }];
  const user = { role: "user" as const, content: "hi" };
  const cases: [object, string, RegExp][] = [
    [{ tools: hosted, tool_choice: { type: "web_search_preview" } }, "tool_choice", /web_search/],
    [{ tools: hosted, tool_choice: "required" }, "tool_choice", /not available here/],
    [{ include: ["file_search_call.results"] }, "include[0]", /file_search/],
    [{ input: [user, { type: "computer_call", id: "x" }] }, "input[1]", /computer_call/],
    [
      {
        input: [{ role: "user", content: [{ type: "input_file", file_id: "file-1" }] }],
      },
      "input[0].content[0].file_id",
      /files by id/,
    ],
    [
      { input: [user, { type: "function_call_output", call_id: "c9", output: "1" }] },
      "input",
      /c9/,
    ],
    [{ conversation: "conv_1" }, "conversation", /previous_response_id/],
    [{ background: true, store: false }, "background", /store/],
  ];
  for (const [body, param, message] of cases) {
    await rejects(
      fixture.openai.post("/responses", { body: { model: "gpt-4o", input: "hi", ...body } }),
      (error: InstanceType<typeof OpenAI.APIError>) => {
        deepEqual([error.status, error.param], [400, param]);
        match(error.message, message);
        return true;
      },
    );
  }
  equal(fixture.calls(), cases.length);
  equal(fixture.chat.upstream.received.length, 0);
  await fixture.openai.responses.create({ model: "gpt-4o", input: "hi", tools: hosted });
  equal(fixture.chat.upstream.received[0]?.body.tools, undefined);
});

Deno.test("reasoning is sent back to the vendor that it came from, and to no other", async () => {
  const google = { google: { thought_signature: "c2ln" } };
  await using fixture = startResponses(() =>
    stream(
      chunk({ reasoning_content: "I must call f" }),
      chunk({
        tool_calls: [{
          index: 0,
          id: "c1",
          type: "function",
          function: { name: "f", arguments: "{}" },
          extra_content: google,
        }],
      }),
      ...end("tool_calls"),
    )
  );
  const params: Params = {
    model: "gpt-4o",
    store: false,
    include: ["reasoning.encrypted_content"],
    tools: TOOLS,
  };
  const first = lastOf(await eventsOf(fixture.openai, { ...params, input: "hello" }));
  const input: OpenAI.Responses.ResponseInput = [
    { role: "user", content: "hello" },
    ...first.output as OpenAI.Responses.ResponseInputItem[],
    { type: "function_call_output", call_id: "c1", output: "5" },
  ];
  await eventsOf(fixture.openai, { ...params, input });
  fixture.chat.route = { vendor_id: "mistral" };
  fixture.chat.deps.env = {
    ...fixture.chat.deps.env,
    variables: new Map([["MISTRAL_API_KEY", "k"], ["OPENROUTER_API_KEY", "k"]]),
  };
  await eventsOf(fixture.openai, { ...params, input });
  const [, same, other] = fixture.chat.upstream.received.map(({ body }) => body.messages[2]);
  deepEqual([same.reasoning_content, same.tool_calls[0].extra_content], ["I must call f", google]);
  deepEqual([other.reasoning_content, other.tool_calls[0].extra_content], [undefined, undefined]);
});

Deno.test("the tokens of an input are estimated, with tools and instructions", async () => {
  await using responses = startResponses(() => completion("hi"));
  const { inputTokens } = responses.openai.responses;
  const model = "gpt-4o";
  const input = "How many tokens is this?";
  const { object, input_tokens: short } = await inputTokens.count({ model, input });
  equal(object, "response.input_tokens");
  ok(short > 3 && short < 20, `${short} tokens`);
  const tools = [{ type: "function" as const, name: "f", parameters: {}, strict: true }];
  const instructions = "Be brief. ".repeat(40);
  const { input_tokens: long } = await inputTokens.count({ model, input, tools, instructions });
  ok(long > short + 80, `${long} tokens`);
  const { input_tokens: unnamed } = await inputTokens.count({ input });
  ok(unnamed > 3 && unnamed <= short, `${unnamed} tokens where no model is named`);
  const refused: [given: Parameters<typeof inputTokens.count>[0], code: string][] = [
    [{ model: "nothing", input }, "model_not_found"],
    [{ model, input: [] }, "invalid_value"],
  ];
  for (const [given, code] of refused) await rejects(inputTokens.count(given), { code });

  // The conversation that the input continues counts too, and limits are checked before the body is
  // read.
  const { database, deps } = responses.chat;
  const countPrompt = database.countPrompt;
  const asked: unknown[] = [];
  database.countPrompt = (caller, request) => {
    asked.push(request.session_id ?? request.continues_turn);
    return countPrompt(caller, request);
  };
  const turn = crypto.randomUUID();
  const previous_response_id = `resp_${turn.replaceAll("-", "")}`;
  await inputTokens.count({ model, input, previous_response_id });
  await inputTokens.count({ model, input }, { headers: { "x-session-id": "sess_1" } });
  deepEqual(asked, [turn, "sess_1"]);
  deps.limiter.count = () => Promise.reject(new ApiError("rate_limit_exceeded", "Too many."));
  await rejects(inputTokens.count({ model, input: [] }, { maxRetries: 0 }), { status: 429 });
  deepEqual([responses.chat.upstream.received, responses.chat.database.turns], [[], []]);
});

const UNCLOSED = [chunk({ content: "<think>" }), chunk({ content: " is a tag" })];

for (const [what, chunks] of Object.entries({ thoughts: THINKING, "an open tag": UNCLOSED })) {
  Deno.test(`a repeated request is answered by the same events: ${what}`, () => testRepeat(chunks));
}

async function testRepeat(chunks: string[]): Promise<void> {
  await using fixture = startResponses(() => stream(...chunks, ...end("stop")));
  const params: Params = {
    model: "gpt-4o",
    input: "hello",
    include: ["reasoning.encrypted_content"],
  };
  const headers = { "idempotency-key": "k1" };
  const read = async () => {
    const events: ResponseStreamEvent[] = [];
    const stream = await fixture.openai.responses.create({ ...params, stream: true }, { headers });
    for await (const event of stream) events.push(event);
    return events;
  };
  const first = await read();
  const { answer } = await fixture.chat.database.settled();
  ok(answer);
  const { turn_id } = fixture.chat.database.turns[0]!.turn;
  fixture.chat.database.replay = { turn_id, replay: { ...answer } };
  const second = await read();
  const plain = (events: ResponseStreamEvent[]) =>
    JSON.parse(JSON.stringify(events).replaceAll(/"completed_at":\d+/g, '"completed_at":0'));
  deepEqual(plain(second), plain(first));
}
