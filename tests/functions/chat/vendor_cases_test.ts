import { deepEqual, equal, ok } from "node:assert/strict";
import { openaiChat } from "../../../functions/_shared/gateway/formats/openai_chat/format.ts";
import type { Route, Turn } from "../../../functions/_shared/gateway/turn_database.ts";
import { route } from "../support/memory_database.ts";
import { type ChatFixture, eventsOf, HELLO, startChat } from "../support/chat_fixture.ts";
import { chunk, data, stream, usageChunk } from "../support/upstream_server.ts";

/*
 * Vendors' oddities, as data: what a vendor answers, and what comes of it. Each is a file in
 * `gateway/quirks/`, whose head names its source.
 */

const END = data("[DONE]");
const USAGE = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 };

// deno-lint-ignore no-explicit-any -- a test reads into whatever was sent.
type Json = any;

/** The outcome of a call, for the client and in the ledger. */
interface Told {
  status: number;
  content?: string | null;
  thoughts?: string;
  /** Name and arguments of each call of a tool. */
  calls?: [name: string, given: string][];
  reason?: string;
  images?: number;
  /** Of an error, also one within a stream. */
  code?: string;
  message?: string;
  /** Input, output, cached, written to the cache, reasoning. */
  usage?: number[];
  estimated?: boolean;
  /** How often the vendor was called. */
  upstream?: number;
  /** Whether it counts against the agent. */
  counts?: boolean;
  state?: string;
}

/** Sends a request, and reads its outcome. */
async function tell(chat: ChatFixture, body: object): Promise<Told & { response: Response }> {
  const turns = chat.database.turns.length;
  const before = chat.upstream.received.length;
  const response = await chat.post({ ...HELLO, ...body });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const answer: Json = isStream ? joined(await eventsOf(response)) : await response.json();
  const outcome = await chat.database.settled(turns);
  const message = answer.choices?.[0]?.message ?? {};
  const { usage } = outcome;
  const calls: Json[] = message.tool_calls ?? [];
  equal(new Set(calls.map(({ id }) => id)).size, calls.length, "ids tell calls apart");
  ok(calls.every(({ id, type }) => id && type), "every call has an id and a type");
  deepEqual(
    (outcome.tool_calls ?? []).map((call: Json) => [call.id, call.type, call.function]),
    calls.map((call) => [call.id, call.type, call.function]),
    "what is stored is what was sent",
  );
  return {
    response,
    status: response.status,
    content: message.content,
    thoughts: message.reasoning_content ?? message.reasoning,
    calls: calls.map((call) => [call.function.name, call.function.arguments]),
    reason: answer.choices?.[0]?.finish_reason,
    images: message.images?.length ?? 0,
    code: answer.error?.code,
    message: answer.error?.message,
    usage: usage
      ? [
        usage.input_tokens,
        usage.output_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
        usage.reasoning_tokens,
      ]
      : [],
    estimated: usage?.estimated,
    upstream: chat.upstream.received.length - before,
    counts: outcome.attempts.some(({ counts_against_agent }) => counts_against_agent),
    state: outcome.state,
  };
}

/** A streamed answer, merged as clients merge it; its error if it ends with one. */
function joined(events: Json[]): Json {
  const message: Json = {};
  let finish_reason;
  for (const { error, choices } of events.filter((event) => event !== "[DONE]")) {
    if (error) return { error, choices: [{ message }] };
    const { delta = {}, finish_reason: reason } = choices?.[0] ?? {};
    finish_reason = reason ?? finish_reason;
    for (const [name, value] of Object.entries<Json>(delta)) {
      if (name === "tool_calls") { for (const piece of value) joinCall(message, piece); }
      else if (typeof value === "string") message[name] = (message[name] ?? "") + value;
      else if (Array.isArray(value)) message[name] = [...message[name] ?? [], ...value];
    }
  }
  equal(events.at(-1), "[DONE]", "what does not end with an error ends with [DONE]");
  return { choices: [{ message, finish_reason }] };
}

function joinCall(message: Json, { index, function: piece, ...rest }: Json): void {
  const calls = message.tool_calls ??= [];
  const call = calls[index] ??= { ...rest, function: { name: "", arguments: "" } };
  call.function.name += piece?.name ?? "";
  call.function.arguments += piece?.arguments ?? "";
}

function expect(told: Told, is: Partial<Told>, what: string): void {
  const of = Object.fromEntries(Object.keys(is).map((name) => [name, Reflect.get(told, name)]));
  deepEqual(of, is, what);
}

const call = (id: unknown, given: unknown, more: object = {}) => ({
  id,
  type: "function",
  function: { name: "f", arguments: given },
  ...more,
});

/**
 * Complete answers in all their forms: message, finish reason, and further fields of the answer.
 */
const answers: Record<
  string,
  [message: object, is: Partial<Told>, reason?: unknown, more?: object]
> = {
  "text as parts": [
    { content: [{ type: "text", text: "Hel" }, { type: "text", text: "lo" }] },
    { content: "Hello" },
  ],
  "thoughts and references as parts": [
    {
      content: [
        { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
        { type: "text", text: "Hello" },
        { type: "reference", reference_ids: [1] },
        { type: "to_come", text: 7 },
      ],
    },
    { content: "Hello", thoughts: "hm" },
  ],
  "thoughts as one text in a part": [
    { content: [{ type: "thinking", thinking: "hm" }, "Hel", { text: "lo" }] },
    { content: "Hello", thoughts: "hm" },
  ],
  "one part that is no list": [{ content: { type: "text", text: "Hello" } }, { content: "Hello" }],
  "lists of parts in a list": [
    { content: [[{ type: "text", text: "Hel" }], ["lo"], []] },
    { content: "Hello" },
  ],
  "the text of a part as its content": [
    { content: [{ type: "text", content: "Hello" }, { type: "text" }, null] },
    { content: "Hello" },
  ],
  "a picture as a part": [
    { content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }] },
    { images: 1 },
  ],
  "no content": [{ content: null }, { calls: [] }],
  "a call without a type": [
    { tool_calls: [{ id: "a", function: { name: "f", arguments: "{}" } }] },
    { calls: [["f", "{}"]], reason: "tool_calls" },
  ],
  "calls with empty ids": [
    { tool_calls: [call("", "{}"), call("", "{}")] },
    { calls: [["f", "{}"], ["f", "{}"]] },
  ],
  "calls without ids": [
    { tool_calls: [call(undefined, "{}"), call(null, "{}")] },
    { calls: [["f", "{}"], ["f", "{}"]] },
  ],
  "calls that share an id": [
    { tool_calls: [call("a", "{}"), call("a", '{"x":1}')] },
    { calls: [["f", "{}"], ["f", '{"x":1}']] },
  ],
  "a call with a number for an id": [
    { tool_calls: [call(7, "{}", { index: "0" })] },
    { calls: [["f", "{}"]] },
  ],
  "a call without arguments": [
    { tool_calls: [call("a", ""), call("b", null), call("c", undefined)] },
    { calls: [["f", "{}"], ["f", "{}"], ["f", "{}"]] },
  ],
  "arguments as an object": [
    { tool_calls: [call("a", { x: [1] })] },
    { calls: [["f", '{"x":[1]}']] },
  ],
  "a call in OpenAI's earlier form": [
    { function_call: { name: "f", arguments: '{"x":1}' } },
    { calls: [["f", '{"x":1}']], reason: "tool_calls" },
    "function_call",
  ],
  "a call without its function around it": [
    { tool_calls: [{ name: "f", arguments: { x: 1 } }] },
    { calls: [["f", '{"x":1}']] },
  ],
  "null among the calls": [
    { content: "", tool_calls: [null, call("a", "{}", { index: null })] },
    { calls: [["f", "{}"]] },
  ],
  "cached tokens at the top of usage": [{ content: "x" }, { usage: [1000, 5, 900, 0, 0] }, "stop", {
    usage: { prompt_tokens: 1000, completion_tokens: 5, total_tokens: 1005, cached_tokens: 900 },
  }],
  "DeepSeek's cache hits": [{ content: "x" }, { usage: [1000, 5, 900, 0, 0] }, "stop", {
    usage: { prompt_tokens: 1000, completion_tokens: 5, prompt_cache_hit_tokens: 900 },
  }],
  "the parts of the Responses API": [{ content: "x" }, { usage: [1000, 50, 900, 0, 40] }, "stop", {
    usage: {
      input_tokens: 1000,
      output_tokens: 50,
      total_tokens: 1050,
      input_tokens_details: { cached_tokens: 900 },
      output_tokens_details: { reasoning_tokens: 40 },
    },
  }],
  "counts as text and with decimals": [{ content: "x" }, { usage: [11, 8, 4, 0, 0] }, "stop", {
    usage: {
      prompt_tokens: "11",
      completion_tokens: 7.5,
      prompt_tokens_details: { cached_tokens: "4" },
    },
  }],
  "usage in x_groq": [{ content: "x" }, { usage: [11, 7, 0, 0, 0], estimated: false }, "stop", {
    usage: undefined,
    x_groq: { id: "r", usage: USAGE },
  }],
  "Gemini's usage": [{ content: "x" }, { usage: [11, 9, 4, 0, 2], estimated: false }, "stop", {
    usage: undefined,
    usageMetadata: {
      promptTokenCount: 11,
      candidatesTokenCount: 7,
      thoughtsTokenCount: 2,
      cachedContentTokenCount: 4,
      totalTokenCount: 20,
    },
  }],
  "Cohere's usage": [{ content: "x" }, { usage: [11, 7, 0, 0, 0], estimated: false }, "stop", {
    usage: { billed_units: { input_tokens: 11, output_tokens: 7 }, tokens: {} },
  }],
  "thoughts in details alone": [
    {
      content: "x",
      reasoning_details: [
        { type: "reasoning.summary", summary: "h", index: 0 },
        { type: "reasoning.text", text: "m", index: 1 },
        { type: "reasoning.encrypted", data: "c2ln", index: 2 },
      ],
    },
    { thoughts: "hm" },
  ],
  "no error": [{ content: "x" }, { content: "x" }, "stop", { error: {}, code: 0, message: "ok" }],
  "an empty error": [{ content: "x" }, { content: "x" }, "stop", {
    error: { message: "", code: 0, type: null },
    errors: [],
    success: true,
    status: "done",
  }],
  "nothing for the tokens of the answer": [{ content: "x" }, { usage: [11, 7, 0, 0, 0] }, "stop", {
    usage: { prompt_tokens: 11, completion_tokens: null, total_tokens: 18 },
  }],
  "nothing for the tokens of the prompt": [{ content: "x" }, { usage: [11, 7, 0, 0, 0] }, "stop", {
    usage: { prompt_tokens: null, completion_tokens: 7, total_tokens: 18 },
  }],
  "usage of the answer alone": [{ content: "x" }, { estimated: true }, "stop", {
    usage: { completion_tokens: 7 },
  }],
  "nothing where fields may be": [
    { content: "Hello", refusal: null, tool_calls: null, reasoning_content: null, images: null },
    { content: "Hello" },
    "stop",
    { id: null, model: null, created: "soon", object: 7 },
  ],
  "a number for a model": [{ content: "x" }, { content: "x" }, "stop", { model: 7, id: 7 }],
  "numbers that JSON does not have": [{ content: "Infinity" }, { content: "Infinity" }, "stop", {
    not: "NaN",
  }],
};
for (
  const field of ["reasoning_text", "thinking", "thinking_content", "reasoning_summary", "thought"]
) {
  answers[`thoughts in ${field}`] = [{ content: "x", [field]: "hm" }, { thoughts: "hm" }];
}
for (const thought of [{ content: "hm" }, { text: "hm" }, { summary: "hm" }]) {
  answers[`thoughts in ${JSON.stringify(thought)}`] = [
    { content: "x", reasoning: thought },
    { thoughts: "hm" },
  ];
}
for (
  const reason of [
    "model_context_window_exceeded",
    "MAX_TOKENS",
    "model_length",
    "what_is_this",
    "OTHER",
  ]
) {
  answers[`the reason ${reason}`] = [{ content: "half" }, { reason: "length" }, reason];
}
for (
  const reason of ["refusal", "blocklist", "SPII", "content_filtered", "IMAGE_SAFETY", "sensitive"]
) {
  answers[`the reason ${reason}`] = [{ content: "half" }, { reason: "content_filter" }, reason];
}
for (const reason of ["end_turn", "STOP", "eos", "COMPLETE", "stop_sequence"]) {
  answers[`the reason ${reason}`] = [{ content: "x" }, { reason: "stop" }, reason];
}

for (const [tag, end] of [["<think>", "</think>"], ["[THINK]", "[/THINK]"]]) {
  answers[`thoughts in ${tag}`] = [
    { content: ` \n${tag}\nh <b>m</b>\n${end}\n\nHello${tag}` },
    { content: `Hello${tag}`, thoughts: "h <b>m</b>" },
  ];
}
Object.assign<typeof answers, typeof answers>(answers, {
  "no thoughts in <think>": [{ content: "<think>\n\n</think>\n\nHello" }, { content: "Hello" }],
  "thoughts in <think> and a call": [
    { content: "<think>hm</think>\n", tool_calls: [call("a", "{}")] },
    { thoughts: "hm", calls: [["f", "{}"]], reason: "tool_calls" },
  ],
  "thoughts that reach the limit": [{ content: "<think>hm </thi" }, { thoughts: "hm" }, "length"],
  "a text about <think>": [
    { content: "Use <think>hm</think> as a tag" },
    { content: "Use <think>hm</think> as a tag" },
  ],
  "a text that begins with <think>": [
    { content: "<think> is a tag" },
    { content: "<think> is a tag" },
  ],
  "tags that a prompt asked for": [
    { content: "<thinking>hm</thinking><answer>5</answer>" },
    { content: "<thinking>hm</thinking><answer>5</answer>", thoughts: undefined },
  ],
  "a text that begins like <think>": [{ content: " <thin" }, { content: " <thin" }],
  "a tag beside a field for thoughts": [
    { content: "<think>a</think>", reasoning_content: "hm" },
    { content: "<think>a</think>", thoughts: "hm" },
  ],
  "the end of thoughts alone in its line": [
    { content: "hm\nhm\n</think>\n\nHello" },
    { content: "Hello", thoughts: "hm\nhm" },
  ],
  "the end of thoughts at once": [{ content: "</think>\n\nHello" }, { content: "Hello" }],
  "a text about the end of thoughts": [
    { content: "Thoughts end with\n```\n</think>\n```\nin a text" },
    { content: "Thoughts end with\n```\n</think>\n```\nin a text", thoughts: undefined },
  ],
  "a sentence about </think>": [
    { content: "The tag </think> ends thoughts" },
    { content: "The tag </think> ends thoughts", thoughts: undefined },
  ],
  "calls without any content": [
    {
      content: "x",
      tool_calls: [{ id: "", type: "function", function: { name: "", arguments: "" } }],
    },
    { content: "x", calls: [], reason: "stop" },
  ],
  "empty lists as objects": [
    { content: {}, reasoning_content: "hm", tool_calls: {} },
    { thoughts: "hm", calls: [], reason: "stop" },
  ],
  "arguments behind an empty object": [
    { tool_calls: [call("a", '{}{"x":1}')] },
    { calls: [["f", '{"x":1}']] },
  ],
  "thoughts in a field, and once more in <think>": [
    { content: "<think>\nhm\n</think>\n\nHello", reasoning_content: "hm" },
    { content: "Hello", thoughts: "hm" },
  ],
  "thoughts in a field, once more in <think>, and a call": [
    {
      content: "<think>hm</think>",
      reasoning_content: "hm",
      tool_calls: [call("a", "{}")],
    },
    { thoughts: "hm", calls: [["f", "{}"]] },
  ],
});

/** Each answer, complete and as a stream, whichever was requested. */
for (const [what, [message, is, reason = "stop", more = {}]] of Object.entries(answers)) {
  const head = { id: "c1", model: "vendor-model-0613", usage: USAGE, ...more };
  const nan = (text: string) =>
    what.startsWith("numbers") ? text.replaceAll('"NaN"', "-Infinity") : text;
  const choice = { index: 0, message: { role: "assistant", ...message }, finish_reason: reason };
  const whole = () =>
    new Response(nan(JSON.stringify({ ...head, choices: [choice] })), {
      headers: { "content-type": "application/json" },
    });
  const { usage: _usage, ...rest } = head;
  const streamed = () =>
    stream(
      nan(chunk({ role: "assistant", content: "" })),
      nan(
        data({
          ...rest,
          usage: null,
          choices: [{ index: 0, delta: message, finish_reason: null }],
        }),
      ),
      data({ choices: [{ index: 0, delta: {}, finish_reason: reason }] }),
      nan(data({ ...head, choices: [] })),
      END,
    );
  for (const [sent, answer] of Object.entries({ whole, streamed })) {
    for (const asked of [false, true]) {
      Deno.test(`${what}, ${sent}${asked ? " for a stream" : ""}`, async () => {
        await using chat = startChat(answer);
        const told = await tell(chat, { stream: asked });
        expect(told, { status: 200, counts: false, state: "succeeded", ...is }, what);
      });
    }
  }
}

const half = chunk({ role: "assistant", content: "half" });
const rest = chunk({ content: " and half" });
const stop = chunk({}, { finish_reason: "stop" });
const whole: Partial<Told> = { content: "half and half", reason: "stop", counts: false };
const broken: Partial<Told> = { content: "half", state: "partial", reason: undefined };

/**
 * A chunk with the additional fields that some vendors send in each, as they are without an error.
 */
const beside = (content: string) =>
  data({
    choices: [{ index: 0, delta: { content } }],
    ...{ error: {}, detail: {}, code: 10000, message: "in progress" },
  });

/** Streams: their events, and the outcome. */
const streams: Record<string, [events: string[], is: Partial<Told>]> = {
  "an error after the role alone": [
    [chunk({ role: "assistant", content: "" }), data({ error: { message: "busy", code: 503 } })],
    { status: 502, code: "upstream_error", upstream: 3, counts: true },
  ],
  "a reason that is a failure": [[half, chunk({}, { finish_reason: "network_error" }), END], {
    ...broken,
    code: "upstream_error",
    counts: true,
  }],
  "a reason that is the model's failure": [
    [half, chunk({}, { finish_reason: "MALFORMED_FUNCTION_CALL" }), END],
    { ...broken, code: "upstream_error", counts: false },
  ],
  "an abort": [[half, chunk({}, { finish_reason: "abort" }), END], { ...broken, counts: true }],
  "a vendor's own reason beside a plain one": [
    [
      half,
      data({ choices: [{ delta: {}, finish_reason: "stop", native_finish_reason: "MAX_TOKENS" }] }),
      END,
    ],
    { content: "half", reason: "length" },
  ],
  "a call that is cut and ends without a reason": [
    [
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"x":' } }] }),
      END,
    ],
    { state: "partial", code: "upstream_interrupted", counts: false },
  ],
  "a reason too early, and then a cut": [
    [chunk({ content: "half" }, { finish_reason: "stop" }), rest],
    { content: "half and half", state: "partial", code: "upstream_interrupted" },
  ],
  "usage after the end": [
    [half, rest, stop, END, data({ choices: [], usage: USAGE })],
    { ...whole, state: "succeeded", usage: [11, 7, 0, 0, 0], estimated: false },
  ],
  "a tag that is never closed, without a reason": [
    [chunk({ content: "<think> " }), chunk({ content: "is a tag" }), END],
    { content: "<think> is a tag", reason: "stop", state: "succeeded", usage: [30, 4, 0, 0, 0] },
  ],
  "a tag that is never closed, after usage": [
    [
      chunk({ content: "<think> " }),
      chunk({ content: "is a tag" }),
      data({ choices: [], usage: USAGE }),
      stop,
      END,
    ],
    { content: "<think> is a tag", usage: [11, 7, 0, 0, 0], estimated: false },
  ],
  "thoughts in a field and in <think>, side by side": [
    [
      chunk({ content: "<thi", reasoning_content: "" }),
      chunk({ content: "nk>\nI ", reasoning_content: "I " }),
      chunk({ content: "see</th", reasoning_content: "see" }),
      chunk({ content: "ink>\n\nHel" }),
      chunk({ content: "lo" }, { finish_reason: "stop" }),
      END,
    ],
    { content: "Hello", thoughts: "I see" },
  ],
  "words and errors after the end": [
    [half, rest, stop, END, rest, data({ error: { message: "late", code: 500 } })],
    { ...whole, state: "succeeded" },
  ],
  "text as in /completions": [
    [
      data({ choices: [{ index: 0, text: "half", finish_reason: null }] }),
      data({ choices: [{ index: 0, text: " and half", finish_reason: "stop" }] }),
      END,
    ],
    { ...whole, state: "succeeded" },
  ],
  "a reason too early": [
    [chunk({ content: "half" }, { finish_reason: "stop" }), rest, END],
    { ...whole, state: "succeeded" },
  ],
  "an error in Anthropic's form": [
    [half, data({ type: "error", error: { type: "overloaded_error", message: "busy" } })],
    { ...broken, code: "upstream_error" },
  ],
  "an error in vLLM's form": [
    [half, data({ object: "error", message: "no", type: "BadRequestError", code: 400 })],
    { ...broken, code: "upstream_rejected_request", counts: false },
  ],
  "an error in MiniMax's form": [
    [half, data({ choices: null, base_resp: { status_code: 1027, status_msg: "output" } }), END],
    { ...broken, code: "upstream_rejected_request", counts: false },
  ],
  "an error as bare detail": [[half, data({ detail: "gone" }), END], {
    ...broken,
    code: "upstream_error",
  }],
  "an error as bare text": [[half, "event: error\ndata: it broke\n\n"], {
    ...broken,
    code: "upstream_error",
  }],
  "text that is an error": [[half, data("[ERROR] it broke"), END], {
    ...broken,
    code: "upstream_invalid_response",
  }],
  "a filter that breaks off": [
    [half, data({ error: { code: "content_filter", message: "no" } })],
    { ...broken, code: "content_filter", counts: false },
  ],
  "content of no known type": [
    [half, chunk({ content: 7 as unknown as string }), stop, END],
    { ...broken, code: "upstream_invalid_response", counts: false },
  ],
  "choices that are no list": [
    [data({ choices: { delta: { content: "x" } } }), END],
    { status: 502, code: "upstream_invalid_response", counts: false },
  ],
  "calls by index that share an id": [
    [
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: "" } }] }),
      chunk({ tool_calls: [{ index: 1, id: "a", function: { name: "g", arguments: "" } }] }),
      chunk({ tool_calls: [{ index: 0, id: "a", function: { arguments: "{}" } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", "{}"], ["g", "{}"]] },
  ],
  "whole calls of one index without ids": [
    [
      chunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: '{"x":1}' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { name: "f", arguments: '{"x":2}' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { name: "g", arguments: '{"x":3}' } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", '{"x":1}'], ["f", '{"x":2}'], ["g", '{"x":3}']] },
  ],
  "a call that is named late": [
    [
      chunk({ tool_calls: [{ index: 1, id: "a", function: { arguments: '{"x":' } }] }),
      chunk({ tool_calls: [{ index: 1, function: { name: "f", arguments: "1}" } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", '{"x":1}']], reason: "tool_calls" },
  ],
  "a call that is never named, without a reason": [
    [chunk({ tool_calls: [{ index: 0, id: "a", function: { arguments: "{}" } }] }), END],
    { state: "failed", status: 502, code: "upstream_interrupted", calls: [] },
  ],
  "a call without arguments, and no reason": [
    [
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f" } }] }),
      usageChunk(11, 7),
      END,
    ],
    { state: "succeeded", calls: [["f", "{}"]], reason: "tool_calls", usage: [11, 7, 0, 0, 0] },
  ],
  "a call that is said again at its end": [
    [
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }] }),
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", '{"x":1}']] },
  ],
  "arguments as an empty object and then as another": [
    [
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: {} } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: { x: 1 } } }] }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", '{"x":1}']] },
  ],
  "an empty object and then the arguments": [
    [
      chunk({ tool_calls: [call("a", "{}", { index: 0 })] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"x":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: "1}" } }] }),
      chunk({ tool_calls: [call("b", "{}", { index: 1 })] }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", '{"x":1}'], ["f", "{}"]], reason: "tool_calls" },
  ],
  "whole calls without arguments and without ids": [
    [
      chunk({ tool_calls: [call(undefined, "{}", { index: 0 })] }),
      chunk({ tool_calls: [call(undefined, "{}", { index: 0 })] }),
      stop,
      END,
    ],
    { calls: [["f", "{}"], ["f", "{}"]], reason: "tool_calls" },
  ],
  "[DONE] as JSON": [[half, rest, data('"[DONE]"')], whole],
  "an error in llama.cpp's form": [
    [half, 'error: {"code":500,"message":"no","type":"server_error"}\n\n'],
    { ...broken, code: "upstream_error" },
  ],
  "an error in a line of its own": [[half, '{"error":"it broke"}\n'], {
    ...broken,
    code: "upstream_error",
  }],
  "an error in Groq's own field": [
    [half, chunk({}, { x_groq: { id: "req_1", error: "over capacity" } }), END],
    { ...broken, code: "upstream_error" },
  ],
  "no error in Groq's own field": [
    [half, chunk({ content: " and half" }, { x_groq: { id: "req_1", error: null } }), stop, END],
    whole,
  ],
  "two reasons for its end": [[half, rest, stop, stop, END], { ...whole, state: "succeeded" }],
  "Azure's filters around it": [
    [
      data({ choices: [], id: "", model: "", prompt_filter_results: [{ prompt_index: 0 }] }),
      half,
      rest,
      stop,
      data({ choices: [{ index: 0, finish_reason: null, content_filter_results: {} }] }),
      END,
    ],
    { ...whole, state: "succeeded" },
  ],
  "chunks in lists": [
    [
      `data: [${half.slice("data: ".length).trim()},${rest.slice("data: ".length).trim()}]\n\n`,
      stop,
      END,
    ],
    { ...whole, state: "succeeded" },
  ],
  "an empty error beside each piece": [
    [beside("half"), beside(""), beside(" and half"), stop, END],
    { ...whole, state: "succeeded" },
  ],
  "a tag and a reason too early": [
    [
      chunk({ content: "<think>" }, { finish_reason: "stop" }),
      chunk({ content: "hm</think>x" }),
      stop,
      END,
    ],
    { content: "<think>hm</think>x", thoughts: undefined, state: "succeeded" },
  ],
  "a reason of calls without any": [
    [half, rest, chunk({}, { finish_reason: "tool_calls" }), END],
    { ...whole, state: "succeeded" },
  ],
  "a model's token for its end": [
    [half, rest, chunk({}, { finish_reason: "<|im_end|>" }), END],
    { ...whole, state: "succeeded" },
  ],
  "usage before the answer": [
    [
      data({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 0 } }),
      half,
      rest,
      stop,
      END,
    ],
    { ...whole, usage: [11, 4, 0, 0, 0], estimated: true },
  ],
  "a character in two halves": [
    [
      'data: {"choices":[{"index":0,"delta":{"content":"a\\ud83d"}}]}\n\n',
      'data: {"choices":[{"index":0,"delta":{"content":"\\ude00"}}]}\n\n',
      stop,
      END,
    ],
    { content: "a😀", state: "succeeded" },
  ],
  "an event that says it went well": [
    [
      half,
      data({ code: 0, message: "success" }),
      data({ code: 10000, message: "Success", usage: USAGE }),
      data({ status: "processing", message: "Loading" }),
      data({ status: 202, message: "Accepted" }),
      rest,
      stop,
      END,
    ],
    { ...whole, state: "succeeded" },
  ],
  "a list of no number": [
    [half, data("[NaN]"), rest, stop, END],
    { ...broken, code: "upstream_invalid_response", counts: false },
  ],
  "content of numbers": [
    [chunk({ content: [7] }), stop, END],
    { status: 502, code: "upstream_invalid_response", counts: false },
  ],
  "the error of Google's API": [
    [half, data([{ error: { code: 503, message: "busy", status: "UNAVAILABLE" } }]), END],
    { ...broken, code: "upstream_error", counts: true },
  ],
  "the error of OpenAI's Responses API": [
    [half, data({ type: "response.failed", response: { error: { code: "server_error" } } }), END],
    { ...broken, code: "upstream_error" },
  ],
  "the error of Cohere's API": [
    [half, data({ status_code: 500, message: "internal" }), END],
    { ...broken, code: "upstream_error", counts: true },
  ],
  "the error of Bedrock's API": [
    [half, 'event: modelStreamErrorException\ndata: {"message":"no"}\n\n', END],
    { ...broken, code: "upstream_error" },
  ],
  "an error that is a word": [[half, data({ error: "out of memory" }), END], {
    ...broken,
    code: "upstream_error",
  }],
  "an error in its choice": [
    [
      half,
      data({
        error: { code: "server_error", message: "gone" },
        choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
      }),
      END,
    ],
    { ...broken, code: "upstream_error" },
  ],
  "pieces that repeat what they are of, empty": [
    [
      chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "f", arguments: '{"x":' } }] }),
      chunk({
        tool_calls: [{ index: 0, id: "", type: "", function: { name: "", arguments: "1}" } }],
      }),
      chunk({}, { finish_reason: "tool_calls" }),
      END,
    ],
    { calls: [["f", '{"x":1}']] },
  ],
  "usage in the last choice": [
    [half, data({ choices: [{ index: 0, delta: {}, finish_reason: "stop", usage: USAGE }] }), END],
    { usage: [11, 7, 0, 0, 0], estimated: false },
  ],
  "usage that a later chunk does not repeat": [
    [
      half,
      stop,
      usageChunk(11, 7, { cached_tokens: 5 }),
      data({ choices: [], usage: {} }),
      data({ choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } }),
      END,
    ],
    { usage: [11, 7, 5, 0, 0], estimated: false },
  ],
  "usage in parts, as Anthropic tells it": [
    [
      data({
        choices: [],
        usage: { input_tokens: 10, cache_read_input_tokens: 1000, output_tokens: 1 },
      }),
      half,
      data({ choices: [{ delta: {}, finish_reason: "stop" }], usage: { output_tokens: 7 } }),
      END,
    ],
    { usage: [1010, 7, 1000, 0, 0], estimated: false },
  ],
  "several events in one": [[half.trimEnd() + "\n" + rest.trimEnd() + "\n" + stop, END], whole],
};
for (
  const beat of [
    "",
    "data:\n\n",
    "data: : keepalive\n\n",
    "data: ping\n\n",
    "data: null\n\n",
    "data: [HEARTBEAT]\n\n",
    "event: keepalive\ndata:\n\n",
    "event: ping\ndata: {}\n\n",
    "data: {}\n\n",
    "data: : OPENROUTER PROCESSING\n\n",
    "event: metrics\ndata: 12 ms\n\n",
    'data: {"type":"heartbeat"}\n\n',
    ": comment\n\n",
  ]
) {
  streams[`${JSON.stringify(beat)} at all times`] = [[
    beat,
    half,
    beat,
    rest,
    beat,
    stop,
    beat,
    END,
  ], whole];
}

for (const [what, [events, is]] of Object.entries(streams)) {
  Deno.test(`a stream with ${what}`, async () => {
    await using chat = startChat(() => stream(...events), {
      limits: { attempts: 3, backoffMs: 1 },
    });
    expect(await tell(chat, { stream: true }), { status: 200, ...is }, what);
  });
}

Deno.test("the stream of a model whose template opens the tag begins with thoughts", async () => {
  const said = (...texts: string[]) =>
    stream(...texts.map((content) => chunk({ content })), stop, usageChunk(11, 7), END);
  const answer = { status: 200, content: "Hello", thoughts: "hm", usage: [11, 7, 0, 0, 0] };
  const cases: [model: string, texts: string[], body: object, is: Partial<Told>][] = [
    ["deepseek-r1-distill-llama-8b", ["hm", "\n</th", "ink>\n\nHel", "lo"], {}, answer],
    ["Qwen/Qwen3-30B-A3B-Thinking-2507", ["<think>hm</think>", "Hello"], {}, answer],
    ["qwq-32b", ["Hel", "lo"], {}, { content: "Hello", usage: [11, 7, 0, 0, 0] }],
    ["deepseek-r1", ["Hel", "lo"], { reasoning_effort: "none" }, {
      content: "Hello",
      thoughts: undefined,
    }],
    ["qwen3-30b-a3b-instruct", ["Hel", "lo"], {}, { content: "Hello", thoughts: undefined }],
  ];
  for (const [model, texts, body, is] of cases) {
    await using chat = startChat(() => said(...texts));
    chat.route = { model };
    expect(await tell(chat, { stream: true, ...body }), is, model);
  }
  await using chat = startChat(() =>
    stream(
      chunk({ content: "I look." }),
      chunk({ tool_calls: [call("a", '{"x":1}', { index: 0 })] }, { finish_reason: "tool_calls" }),
      END,
    )
  );
  chat.route = { model: "qwq-32b" };
  const is = { content: "I look.", calls: [["f", '{"x":1}']] } satisfies Partial<Told>;
  expect(await tell(chat, { stream: true }), is, "a text without any tag, and a call");
});

for (const content of [" <thin", "<think> is a tag"]) {
  Deno.test(`the text "${content}" is whole where the vendor gives no reason`, async () => {
    await using chat = startChat(() => stream(chunk({ content }), usageChunk(11, 7), END));
    for (const asked of [true, false]) {
      expect(
        await tell(chat, { stream: asked }),
        { content, reason: "stop", usage: [11, 7, 0, 0, 0], estimated: false, state: "succeeded" },
        `stream: ${asked}`,
      );
    }
  });
}

Deno.test("an error after the role alone is followed by another call", async () => {
  let calls = 0;
  await using chat = startChat(
    () =>
      calls++ === 0
        ? stream(chunk({ role: "assistant", content: "" }), data({ error: { code: 503 } }))
        : stream(half, stop, END),
    { limits: { attempts: 3, backoffMs: 1 } },
  );
  expect(
    await tell(chat, { stream: true }),
    { status: 200, content: "half", upstream: 2 },
    "again",
  );
});

Deno.test("a client that uses the older function calls gets one, and continues by its name", async () => {
  const calls = [call("a", '{"x":1}'), call("b", "{}")];
  const reply = { role: "assistant", content: null, tool_calls: calls };
  const events = [
    ...calls.map((one, index) => chunk({ tool_calls: [{ index, ...one }] })),
    chunk({}, { finish_reason: "tool_calls" }),
    END,
  ];
  await using chat = startChat(({ body }) =>
    body.stream
      ? stream(...events)
      : Response.json({ choices: [{ message: reply, finish_reason: "tool_calls" }], usage: USAGE })
  );
  const asking = { ...HELLO, functions: [{ name: "f", parameters: {} }] };
  const { choices: [{ message, finish_reason }] } = await (await chat.post(asking)).json();
  deepEqual([message.function_call, message.tool_calls, finish_reason], [
    calls[0]?.function,
    undefined,
    "function_call",
  ]);
  const streamed: Json[] = await eventsOf(await chat.post({ ...asking, stream: true }));
  const deltas = streamed.filter((event) => event !== "[DONE]").map(({ choices }) => choices[0]);
  deepEqual(
    deltas.map(({ delta }) => delta.function_call).filter((one) => one !== undefined),
    [calls[0]?.function],
  );
  equal(deltas.at(-1).finish_reason, "function_call");
  for (const turn of [0, 1]) {
    const { tool_calls }: Json = await chat.database.settled(turn);
    const ids = tool_calls.map(({ id }: Json) => id);
    deepEqual(ids, ["fn0000000"], "as the client's next request has it");
  }
});

Deno.test("a picture of many megabytes arrives in one event", async () => {
  const url = `data:image/png;base64,${"iVBORw0K".repeat(655_360)}`;
  const images = [{ type: "image_url", image_url: { url } }];
  await using chat = startChat(() => stream(half, chunk({ images }), stop, END));
  expect(await tell(chat, { stream: true }), { status: 200, images: 1, reason: "stop" }, "picture");
});

/** Errors: status and body, and the outcome with the platform's credential. */
type ErrorCase = [status: number, body: unknown, is: Partial<Told>];

const errors: Record<string, ErrorCase> = {
  "flagged input": [
    403,
    { error: { code: 403, message: "Input was flagged", metadata: { reasons: ["violence"] } } },
    { status: 400, code: "content_filter", upstream: 1, counts: false },
  ],
  "flagged input, by a sentence": [403, {
    error: { message: "Your input was flagged by moderation" },
  }, {
    status: 400,
    code: "content_filter",
  }],
  "flagged input in a 200": [
    200,
    { error: { code: 403, message: "no", metadata: { flagged_input: "x" } } },
    { status: 400, code: "content_filter", upstream: 1, counts: false },
  ],
  "Azure's filter": [
    400,
    {
      error: {
        message: "The response was filtered",
        code: "content_filter",
        innererror: { code: "ResponsibleAIPolicyViolation" },
      },
    },
    { status: 400, code: "content_filter", upstream: 1 },
  ],
  "OpenAI's quota": [
    429,
    { error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
    { status: 502, code: "upstream_credential_rejected", upstream: 1, counts: false },
  ],
  "Moonshot's quota": [429, { error: { message: "no", type: "exceeded_current_quota_error" } }, {
    status: 502,
    upstream: 1,
  }],
  "Anthropic's credit": [
    400,
    {
      type: "error",
      error: { type: "invalid_request_error", message: "Your credit balance is too low to access" },
    },
    { status: 502, code: "upstream_credential_rejected", upstream: 1 },
  ],
  "MiniMax's balance": [500, {
    type: "error",
    error: { type: "api_error", message: "insufficient balance (1008)" },
  }, {
    status: 502,
    code: "upstream_credential_rejected",
    upstream: 1,
    counts: false,
  }],
  "a quota in a 200": [200, { choices: null, base_resp: { status_code: 1008, status_msg: "no" } }, {
    status: 502,
    code: "upstream_credential_rejected",
    upstream: 1,
  }],
  "too many calls": [429, { error: { message: "slow", code: "rate_limit_exceeded" } }, {
    status: 429,
    code: "rate_limit_exceeded",
    upstream: 3,
  }],
  "too many calls in a 200": [200, { error: { message: "slow", code: "rate_limit_exceeded" } }, {
    status: 429,
    upstream: 3,
    counts: false,
  }],
  "FastAPI's detail": [422, { detail: [{ loc: ["body", "top_k"], msg: "not permitted" }] }, {
    status: 400,
    code: "upstream_rejected_request",
    message: "The model's vendor rejects the request: body.top_k: not permitted",
  }],
  "Mistral's detail in its message": [
    422,
    { object: "error", message: { detail: [{ loc: ["body", "x"], msg: "extra" }] } },
    { status: 400, message: "The model's vendor rejects the request: body.x: extra" },
  ],
  "another's error as JSON in a sentence": [
    400,
    { error: { message: JSON.stringify({ error: { message: "too long", code: "x" } }) } },
    { status: 400, message: "The model's vendor rejects the request: too long" },
  ],
  "OpenRouter around another's words": [
    400,
    {
      error: {
        message: "Provider returned error",
        code: 400,
        metadata: { raw: '{"error":{"message":"too long","code":"context_length_exceeded"}}' },
      },
    },
    {
      status: 400,
      code: "context_length_exceeded",
      message: "The model's vendor rejects the request: too long",
    },
  ],
  ...Object.fromEntries([
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 150000.",
    "This model's maximum context length is 65536 tokens.",
    "prompt is too long: 215000 tokens > 200000 maximum",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "Input is too long for requested model.",
  ].map((sentence): [string, ErrorCase] => [
    `too long in these words: ${sentence.slice(0, 40)}`,
    [400, { error: { message: sentence, code: 400 } }, {
      status: 400,
      code: "context_length_exceeded",
    }],
  ])),
  ...Object.fromEntries([
    "The prompt is too long: 140000, model maximum context length: 131071",
    "This model's maximum prompt length is 131072 but the request contains 200000 tokens.",
    "Your input exceeds the context window of this model. Please adjust your input and try again.",
    "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
    "You passed 5000 input tokens and requested 100 output tokens. However, the model's context length is only 4096 tokens.",
    "Requested token count exceeds the model's maximum context length of 4096 tokens.",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000",
    "Trying to keep the first 5432 tokens when context the overflows.",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    "prompt token count of 140000 exceeds the limit of 128000",
    "invalid params, context window exceeds limit (2013)",
    "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)",
    "Request body too large for gpt-4o model. Max size: 8000 tokens.",
    "request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it",
    "The model returned the following errors: Input is too long for requested model.",
    "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
    "litellm.ContextWindowExceededError: AnthropicException - too long",
  ].flatMap((sentence): [string, ErrorCase][] =>
    [400, 200, 500].map((status) => [
      `too long in these words, with status ${status}: ${sentence.slice(0, 60)}`,
      [status, { error: { message: sentence } }, {
        status: 400,
        code: "context_length_exceeded",
        counts: false,
      }],
    ])
  )),
  ...Object.fromEntries(
    [
      { code: "content_filter", status: 400, error: { code: "1301", message: "no" } },
      { code: "content_filter", status: 400, error: { code: "data_inspection_failed" } },
      {
        code: "content_filter",
        status: 403,
        error: "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO",
      },
      {
        code: "content_filter",
        status: 400,
        error: { message: "litellm.ContentPolicyViolationError: AzureException - no", code: "400" },
      },
      { code: "context_length_exceeded", status: 400, error: { code: "1261", message: "no" } },
      { code: "context_length_exceeded", status: 413, error: { code: "tokens_limit_reached" } },
      { code: "upstream_credential_rejected", status: 403, error: { code: "AccountOverdueError" } },
      {
        code: "upstream_credential_rejected",
        status: 403,
        error: { code: "insufficient_user_quota" },
      },
      { code: "upstream_credential_rejected", status: 400, error: { type: "budget_exceeded" } },
      { code: "rate_limit_exceeded", status: 200, error: { code: "1302", message: "no" } },
      { code: "rate_limit_exceeded", status: 200, error: { code: "token_quota_exceeded" } },
      {
        code: "rate_limit_exceeded",
        status: 400,
        error: { __type: "ThrottlingException", message: "Too many tokens, please wait" },
      },
    ].map(({ status, code, error }): [string, ErrorCase] => [
      `${code} named by ${JSON.stringify(error)}`,
      [status, { error }, { code, counts: false }],
    ]),
  ),
  "a sentence that names the account": [400, {
    error: {
      message:
        "In organization `org_01htr9dzqhfrtv29`, project proj_abcDEF12345: no. Team: 1b9d6bcd-bbfd, API key ID: 9b1deb4d-3b7d, arn:aws:bedrock:eu-west-1:123456789012:x",
    },
  }, {
    message:
      "The model's vendor rejects the request: In organization `[redacted]`, project [redacted]: no. Team: [redacted], API key ID: [redacted], [redacted]",
  }],
  "a sentence with words that begin like the id of an account": [
    400,
    { error: { message: "team-collaboration and org-chart: no" } },
    { message: "The model's vendor rejects the request: team-collaboration and org-chart: no" },
  ],
  "a model that is gone": [400, { error: { message: "gone", code: "model_decommissioned" } }, {
    status: 502,
    code: "upstream_error",
    counts: false,
  }],
  "an answer of another format": [200, { output: "Hello" }, {
    status: 502,
    code: "upstream_invalid_response",
    counts: false,
    upstream: 1,
  }],
  "no choices": [200, { choices: [], usage: USAGE }, {
    status: 502,
    code: "upstream_invalid_response",
    counts: false,
    usage: [],
  }],
  "a list": [200, [], { status: 502, code: "upstream_invalid_response", counts: false }],
  "a firewall's page": [403, "<html><title>Just a moment...</title></html>", {
    status: 502,
    code: "upstream_error",
    counts: false,
  }],
  "a bare sentence": [400, "temperature must be below 2", {
    status: 400,
    code: "upstream_rejected_request",
    message: "The model's vendor rejects the request: temperature must be below 2",
  }],
  "a part of a stream for an answer": [
    200,
    { choices: [{ index: 0, delta: { content: "half" }, finish_reason: null }] },
    { status: 502, code: "upstream_invalid_response", counts: false },
  ],
  "two answers in one": [200, `${"{"}"choices":[]}{"choices":[]}`, {
    status: 502,
    code: "upstream_invalid_response",
  }],
  "a page": [200, "<html>", { status: 502, code: "upstream_invalid_response", counts: true }],
};

/** Errors with status 200, each recognisable by itself, together with the fields of an answer. */
for (
  const body of [
    { code: 500, message: "no", data: {} },
    { code: 500, message: "no", data: [], choices: [], usage: {} },
    { code: "500", msg: "no", data: null },
    { code: "InternalError", message: "no", request_id: "r" },
    { code: -1, message: "no", usage: { prompt_tokens: 0, completion_tokens: 0 } },
    { error: "it broke" },
    { error: {} },
    { error: true, message: "no" },
    { error: 500, message: "no" },
    { error: { message: "no", code: null }, choices: [] },
    { errors: [{ message: "no" }] },
    { errors: { message: "no" }, result: null },
    { errors: "no" },
    { success: false, errors: [{ code: 7000, message: "no" }], messages: [], result: null },
    { success: false },
    { success: "false", message: "no" },
    { status: "error", message: "no" },
    { status: "failed", error: null },
    { detail: "no" },
    { error_code: 336100, error_msg: "no" },
    { errno: 9, errmsg: "no" },
    { Response: { Error: { Code: "InternalError", Message: "no" }, RequestId: "r" } },
    { type: "server_error", message: "no" },
  ]
) {
  const is = { status: 502, code: "upstream_error", upstream: 3, state: "failed" };
  errors[`an error in a 200: ${JSON.stringify(body)}`] = [200, body, is];
}

for (const [what, [status, body, is]] of Object.entries(errors)) {
  for (const asked of [false, true]) {
    Deno.test(`${what}${asked ? ", where a stream was asked for" : ""}`, async () => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const headers = {
        "content-type": typeof body === "string" ? "text/html" : "application/json",
      };
      await using chat = startChat(() => new Response(text, { status, headers }), {
        limits: { attempts: 3, backoffMs: 1 },
      });
      const { response, ...told } = await tell(chat, { stream: asked });
      expect(told, is, what);
      if (is.upstream === 1 && is.status === 502 && !is.code?.includes("invalid")) {
        equal(response.headers.get("x-should-retry"), "false");
      }
    });
  }
}

/** Encodings of the same answer, and other statuses and content types that it may have. */
const bytesOf = (text: string) => new TextEncoder().encode(text);
const compressed = (text: string, format: CompressionFormat) =>
  new Response(bytesOf(text)).body!.pipeThrough(new CompressionStream(format));
const JSON_TEXT = JSON.stringify({
  choices: [{ index: 0, message: { content: "half and half" }, finish_reason: "stop" }],
  usage: USAGE,
});
const EVENTS = [half, rest, stop, data({ choices: [], usage: USAGE }), END].join("");
const LINES = EVENTS.replace(END, "").replaceAll("data: ", "").replaceAll("\n\n", "\n");
const sending =
  (body: BodyInit, type: string, more: ResponseInit & { coding?: string } = {}) => () =>
    new Response(body, {
      status: more.status ?? 200,
      headers: { "content-type": type, ...more.coding && { "content-encoding": more.coding } },
    });
const wires: Record<string, () => Response> = {
  "JSON in gzip": () =>
    sending(compressed(JSON_TEXT, "gzip"), "application/json", { coding: "gzip" })(),
  "events in gzip": () =>
    sending(compressed(EVENTS, "gzip"), "text/event-stream", { coding: "gzip" })(),
  "events in deflate": () =>
    sending(compressed(EVENTS, "deflate"), "text/event-stream", { coding: "Deflate" })(),
  "JSON with a mark of byte order": sending(`\uFEFF${JSON_TEXT}`, "application/json"),
  "events with a mark of byte order": sending(`\uFEFF${EVENTS}`, "text/event-stream"),
  "a mark of byte order that comes byte by byte": () =>
    stream(...[...bytesOf(`\uFEFF${EVENTS}`)].map((byte) => Uint8Array.of(byte))),
  "JSON and a comment": sending(`${JSON_TEXT}\n<!-- served by a proxy -->`, "application/json"),
  "JSON after blank lines": sending(`\n\n  \n${JSON_TEXT}`, "application/json"),
  "JSON as a page": sending(JSON_TEXT, "text/html"),
  "JSON as events": sending(JSON_TEXT, "text/event-stream"),
  "JSON on several lines as events": sending(
    JSON.stringify(JSON.parse(JSON_TEXT), null, 2),
    "text/event-stream",
  ),
  "a created answer": sending(JSON_TEXT, "application/json", { status: 201 }),
  "one object a line": sending(LINES, "application/x-ndjson"),
  "one object a line as events": sending(LINES, "text/event-stream"),
  "events without blanks": sending(EVENTS.replaceAll("data: ", "data:"), "text/event-stream"),
  "events of Windows": sending(EVENTS.replaceAll("\n", "\r\n"), "text/event-stream"),
  "events of old Macs": sending(EVENTS.replaceAll("\n", "\r"), "text/event-stream"),
  "events with ids and names": sending(
    `retry: 100\n${EVENTS.replaceAll("data: ", "id: 1\nevent: completion\ndata: ")}`,
    "text/event-stream",
  ),
  "events of one line break": sending(EVENTS.replaceAll("\n\n", "\n"), "text/event-stream"),
  "events as JSON": sending(EVENTS, "application/json"),
  "events as bytes": sending(EVENTS, "application/octet-stream"),
  "a delta in one piece": sending(JSON_TEXT.replace("message", "delta"), "application/json"),
  "text as of /completions": sending(
    JSON_TEXT.replace('"message":{"content":"half and half"}', '"text":"half and half"'),
    "application/json",
  ),
};
for (const [what, answer] of Object.entries(wires)) {
  for (const asked of [false, true]) {
    Deno.test(`${what}${asked ? ", where a stream was asked for" : ""}`, async () => {
      await using chat = startChat(answer);
      const told = await tell(chat, { stream: asked });
      expect(told, {
        ...{ status: 200, content: "half and half", reason: "stop", upstream: 1 },
        ...{ usage: [11, 7, 0, 0, 0], estimated: false, state: "succeeded" },
      }, what);
    });
  }
}

for (const [asked, is] of [[false, { status: 502 }], [true, { state: "partial" }]] as const) {
  Deno.test(`an answer that is cut after a reason too early is not whole, ${asked ? "streamed" : "joined"}`, async () => {
    const early = chunk({ content: "half" }, { finish_reason: "stop" });
    await using chat = startChat(() => stream(early, rest), { limits: { attempts: 1 } });
    expect(await tell(chat, { stream: asked }), { ...is, code: "upstream_interrupted" }, "cut");
  });
}

const developer = { role: "developer", content: "Be brief." };
const question = { role: "user", content: "hi" };
const later = { role: "system", content: [{ type: "text", text: "It is ten." }] };
const own = { credential: "own" } as const;

/**
 * What a vendor is sent, by its route and the body of the request; undefined for fields that are
 * not sent.
 */
const sent: Record<string, [row: Partial<Route>, body: object, is: object]> = {
  "the role developer as system": [{}, { messages: [developer, question] }, {
    messages: [{ ...developer, role: "system" }, question],
  }],
  "the role developer": [{ takes_developer_role: true }, { messages: [developer, question] }, {
    messages: [developer, question],
  }],
  "instructions where they stood": [{}, { messages: [question, later] }, {
    messages: [question, later],
  }],
  "instructions once and first": [
    { instructions_first: true },
    { messages: [developer, question, later] },
    { messages: [{ role: "system", content: "Be brief.\n\nIt is ten." }, question] },
  ],
  "no stream_options": [{ takes_stream_options: false }, { stream: true }, {
    stream: true,
    stream_options: undefined,
  }],
  "stream_options": [{}, { stream: true }, { stream_options: { include_usage: true } }],
  "no parallel_tool_calls": [
    { takes_parallel_tool_calls: false, ...own },
    { parallel_tool_calls: true },
    { parallel_tool_calls: undefined },
  ],
  "neither store nor metadata": [{}, { store: true, metadata: { a: "b" } }, {
    store: undefined,
    metadata: undefined,
  }],
  "both with the caller's own key": [
    { metadata_needs_store: true, ...own },
    { store: true, metadata: { a: "b" } },
    { metadata: { a: "b" } },
  ],
  "no null and no empty list of a message": [
    {},
    {
      messages: [question, {
        ...{ role: "assistant", content: "hello", refusal: null, audio: null, tool_calls: [] },
        function_call: null,
      }, question],
    },
    { messages: [question, { role: "assistant", content: "hello" }, question] },
  ],
  "an image whose address is a text": [
    {},
    {
      messages: [{ role: "user", content: [{ type: "image_url", image_url: "https://x.test/a" }] }],
    },
    {
      messages: [{
        role: "user",
        content: [{ type: "image_url", image_url: { url: "https://x.test/a" } }],
      }],
    },
  ],
  "calls of functions as those of tools": [
    own,
    {
      messages: [
        question,
        { role: "assistant", content: null, function_call: { name: "f", arguments: '{"x":1}' } },
        { role: "function", name: "f", content: "1" },
        { role: "assistant", function_call: { name: "f", arguments: { x: 2 } } },
        { role: "function", name: "f", content: null },
      ],
      functions: [{ name: "f", parameters: {} }],
      function_call: { name: "f" },
    },
    {
      messages: [
        question,
        { role: "assistant", content: null, tool_calls: [call("fn0000000", '{"x":1}')] },
        { role: "tool", tool_call_id: "fn0000000", content: "1" },
        { role: "assistant", content: null, tool_calls: [call("fn0000001", '{"x":2}')] },
        { role: "tool", tool_call_id: "fn0000001", content: "" },
      ],
      functions: undefined,
      function_call: undefined,
      tools: [{ type: "function", function: { name: "f", parameters: {} } }],
      tool_choice: { type: "function", function: { name: "f" } },
      parallel_tool_calls: false,
    },
  ],
  "tools beside no functions": [
    own,
    {
      tools: [{ type: "function", function: { name: "f" } }],
      functions: [],
      function_call: "auto",
    },
    {
      tools: [{ type: "function", function: { name: "f" } }],
      functions: undefined,
      function_call: undefined,
    },
  ],
  "calls of functions numbered over all requests": [
    own,
    {
      messages: [
        question,
        { role: "assistant", content: null, tool_calls: [call("fn0000000", "{}")] },
        { role: "tool", tool_call_id: "fn0000000", content: "1" },
        { role: "assistant", content: null, tool_calls: [call("fn0000000", "{}")] },
        { role: "tool", tool_call_id: "fn0000000", content: "2" },
        { role: "assistant", content: null, tool_calls: [call("call_1", "{}")] },
        { role: "tool", tool_call_id: "call_1", content: "3" },
      ],
    },
    {
      messages: [
        question,
        { role: "assistant", content: null, tool_calls: [call("fn0000000", "{}")] },
        { role: "tool", tool_call_id: "fn0000000", content: "1" },
        { role: "assistant", content: null, tool_calls: [call("fn0000001", "{}")] },
        { role: "tool", tool_call_id: "fn0000001", content: "2" },
        { role: "assistant", content: null, tool_calls: [call("call_1", "{}")] },
        { role: "tool", tool_call_id: "call_1", content: "3" },
      ],
    },
  ],
  "arguments as text": [
    {},
    {
      messages: [
        question,
        { role: "assistant", content: null, tool_calls: [call("a", { x: 1 })] },
        { role: "tool", tool_call_id: "a", content: "1" },
      ],
    },
    {
      messages: [
        question,
        { role: "assistant", content: null, tool_calls: [call("a", '{"x":1}')] },
        { role: "tool", tool_call_id: "a", content: "1" },
      ],
    },
  ],
  "nothing about no tools": [{}, { tools: [], tool_choice: "auto", parallel_tool_calls: true }, {
    tools: undefined,
    tool_choice: undefined,
    parallel_tool_calls: undefined,
  }],
  "no metadata alone": [{ metadata_needs_store: true, ...own }, { metadata: { a: "b" } }, {
    metadata: undefined,
  }],
  "metadata alone, where it may be": [own, { metadata: { a: "b", title: "ours" } }, {
    metadata: { a: "b" },
  }],
};
for (const [what, [row, body, is]] of Object.entries(sent)) {
  Deno.test(`a vendor is sent ${what}`, () => {
    const asked = openaiChat.parse({ messages: [question], ...body }, new Headers());
    const { messages } = asked.turn;
    const turn: Turn = {
      turn_id: crypto.randomUUID(),
      model: "m",
      routes: [route(row)],
      defaults: {},
      messages,
      new_messages: messages.length,
    };
    const given = openaiChat.upstreamBody(asked.body, turn, route(row));
    deepEqual(Object.fromEntries(Object.keys(is).map((name) => [name, given[name]])), is);
  });
}
