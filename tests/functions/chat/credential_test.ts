import { deepEqual, equal, match, ok } from "node:assert/strict";
import {
  CHAT_FIELDS,
  MESSAGE_FIELDS,
  PARTS,
} from "../../../functions/_shared/gateway/formats/openai_chat/allowed_fields.ts";
import type { Shape } from "../../../functions/_shared/gateway/prepare/field_shape.ts";
import { IMAGE_FIELDS } from "../../../functions/_shared/gateway/formats/images/allowed_fields.ts";
import { SPEECH_FIELDS } from "../../../functions/_shared/gateway/formats/speech/allowed_fields.ts";
import { TRANSCRIPTION_FIELDS } from "../../../functions/_shared/gateway/formats/transcription/allowed_fields.ts";
import { MODERATION_FIELDS } from "../../../functions/_shared/gateway/formats/moderations/allowed_fields.ts";
import { EMBEDDING_FIELDS } from "../../../functions/_shared/gateway/formats/embeddings/allowed_fields.ts";
import { documentReader } from "../../../functions/_shared/gateway/quirks/document_readers.ts";
import { type ChatFixture, HELLO, startChat, USER_ID } from "../support/chat_fixture.ts";
import { route } from "../support/memory_database.ts";
import { completion } from "../support/upstream_server.ts";

const PDF = `data:application/pdf;base64,${btoa("%PDF-1.7")}`;

type Fields = { readonly [field: string]: Shape };

const vectors = () => Response.json({ data: [{ embedding: [1] }] });
const encrypted_key = "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA";
const keys = [{ id: "k", user_id: USER_ID, vendor_id: "openrouter", encrypted_key }];

/** Credentials that are not the caller's own. */
const OTHERS: Record<string, Parameters<typeof route>[0]> = {
  "the platform's credential": { credential: "platform" },
  "a shared key": { credential: "shared", keys },
};

function startWith(credential: Parameters<typeof route>[0], answer = () => completion("hi")) {
  const chat = startChat(answer);
  chat.deps.decryptKey = () => Promise.resolve("sk-shared");
  chat.route = credential ?? {};
  return chat;
}

async function sent(chat: ChatFixture, body: object) {
  const response = await chat.post({ ...HELLO, ...body });
  equal(response.status, 200, await response.clone().text());
  await response.body?.cancel();
  return chat.upstream.received.at(-1)!.body;
}

/** A value with every field that a shape names, optionally with an unknown field at each level. */
function sample(shape: Shape, strangers: boolean): unknown {
  if (typeof shape === "string") return "x";
  if (Array.isArray(shape)) return [sample(shape[0], strangers)];
  const fields = Object.entries(shape).map(([name, child]) => [name, sample(child, strangers)]);
  return Object.fromEntries([...fields, ...strangers ? [["stranger", { buys: 1 }]] : []]);
}

/** Fields whose values the schema of the request checks. */
const CHECKED: Record<string, [given: unknown, kept: unknown]> = {
  n: [1, 1],
  stream: [false, false],
  stop: ["x", "x"],
  // For a choice that names a tool, see below.
  tool_choice: ["auto", "auto"],
  top_p: [0.5, 0.5],
  tools: [
    [{ ...sample(CHAT_FIELDS.tools[0], true) as object, type: "function" }],
    [{ ...sample(CHAT_FIELDS.tools[0], false) as object, type: "function" }],
  ],
};

Deno.test("the allow-lists have exactly these names", () => {
  deepEqual(Object.keys(CHAT_FIELDS), [
    ...["frequency_penalty", "logit_bias", "logprobs", "n"],
    ...["parallel_tool_calls", "presence_penalty", "prompt_cache_key", "reasoning_effort"],
    ...["response_format", "safety_identifier", "seed", "stop", "stream", "tool_choice", "tools"],
    ...["top_logprobs", "top_p", "user", "verbosity"],
  ]);
  deepEqual(Object.keys(EMBEDDING_FIELDS), ["dimensions", "encoding_format", "input", "user"]);
  deepEqual(Object.keys(IMAGE_FIELDS), [
    ...["background", "moderation", "n", "output_compression", "output_format", "partial_images"],
    ...["prompt", "quality", "response_format", "size", "stream", "style", "user"],
  ]);
  deepEqual(Object.keys(SPEECH_FIELDS), [
    ...["input", "instructions", "response_format", "speed", "voice"],
  ]);
  deepEqual(Object.keys(MODERATION_FIELDS), ["input"]);
  deepEqual(Object.keys(TRANSCRIPTION_FIELDS), [
    ...["file", "language", "prompt", "response_format", "temperature"],
    ...["timestamp_granularities[]", "timestamp_granularities", "include[]", "chunking_strategy"],
    ...["chunking_strategy[type]", "chunking_strategy[prefix_padding_ms]"],
    ...["chunking_strategy[silence_duration_ms]", "chunking_strategy[threshold]"],
  ]);
  deepEqual(Object.keys(PARTS), ["text", "refusal", "image_url", "file"]);
  deepEqual(Object.keys(MESSAGE_FIELDS), [
    ...["content", "extra_content", "name", "reasoning", "reasoning_content"],
    ...["reasoning_details", "refusal", "role", "tool_call_id", "tool_calls"],
  ]);
});

/** Fields that are known to select another product or another account at some vendor. */
const CHOICES = [
  ...["models", "route", "provider", "preset", "fallbacks", "fallback_models", "service_tier"],
  ...["speed", "inference_geo", "plugins", "web_search", "web_search_options", "web_fetch"],
  ...["search_mode", "search_parameters", "search_options", "enable_search", "return_images"],
  ...["mcp_servers", "container", "data_sources", "connectors", "documents", "compound_custom"],
  ...["modalities", "audio", "prediction", "google", "cached_content", "cachedContent"],
  ...["extra_body", "extra_headers", "extra_query", "api_key", "store", "background"],
  ...["previous_response_id", "conversation", "prompt", "cache_control", "best_of"],
  ...["candidate_count", "num_return_sequences", "prompt_cache_retention", "transforms"],
  ...["some_day", "constructor", "__proto__x"],
];

const definition = (name: string) => ({ type: "function", function: { name } });
const allowed = (...tools: object[]) => ({
  type: "allowed_tools",
  allowed_tools: { mode: "auto", tools },
});

/** Fields that hold a text or a number, or a list of them. */
const SCALARS = Object.entries<Shape>(CHAT_FIELDS)
  .filter(([field, shape]) => shape === "scalar" && !(field in CHECKED))
  .map(([field]) => field);

for (const [whose, credential] of Object.entries(OTHERS)) {
  Deno.test(`with ${whose} a choice of tools is a mode, or names those that are sent`, async () => {
    await using chat = startWith(credential);
    const tools = [definition("look"), { type: "custom", custom: { name: "grep" } }];
    const choices: [choice: unknown, isSent: boolean][] = [
      ["auto", true],
      ["none", true],
      ["required", true],
      ["web_search", false],
      [{ type: "web_search" }, false],
      [{ type: "web_search", function: { name: "look" } }, false],
      [{ type: "mcp", server_label: "x" }, false],
      [{ type: "function" }, false],
      [definition("look"), true],
      [definition("$web_search"), false],
      [{ type: "custom", custom: { name: "grep" } }, true],
      [{ type: "custom", custom: { name: "shell" } }, false],
      [allowed(definition("look")), true],
      [allowed(definition("look"), { type: "web_search" }), false],
      [{ type: "allowed_tools" }, false],
      [{ type: "allowed_tools", allowed_tools: "look" }, false],
      [{ type: "allowed_tools", allowed_tools: 1 }, false],
    ];
    for (const [tool_choice, isSent] of choices) {
      const body = await sent(chat, { tools, tool_choice });
      deepEqual(body.tool_choice, isSent ? tool_choice : undefined, JSON.stringify(tool_choice));
      deepEqual(body.tools, tools);
    }
    const bought = await sent(chat, { tool_choice: { type: "web_search" } });
    equal("tool_choice" in bought, false, "without tools, too");
    const functions = [{ name: "look" }];
    for (const [name, isSent] of [["look", true], ["web_search", false]] as const) {
      const body = await sent(chat, { functions, function_call: { name } });
      equal("tool_choice" in body, isSent, name);
    }
  });

  Deno.test(`with ${whose} no object is sent for a field that takes a text or a number`, async () => {
    await using chat = startWith({ ...credential, extra_fields: ["top_k"] });
    const odd = { url: "https://images.test/1.png", anything: { a: 1 } };
    for (const field of [...SCALARS, "top_k"]) {
      for (const value of [odd, [odd], [[1]]]) {
        equal(field in await sent(chat, { [field]: value }), false, field);
      }
    }
    const { messages } = await sent(chat, {
      messages: [{
        role: "user",
        content: [
          { type: "text", text: odd },
          { type: "image_url", image_url: { url: odd.url, detail: odd } },
        ],
      }],
    });
    // SAFETY: the gateway has sent a list of messages.
    deepEqual((messages as { content: unknown }[]).at(-1)?.content, [
      { type: "text" },
      { type: "image_url", image_url: { url: odd.url } },
    ]);
  });

  Deno.test(`with ${whose} a chat's listed fields are sent, and nothing else at any level`, async () => {
    await using chat = startWith(credential);
    for (const [field, shape] of Object.entries(CHAT_FIELDS)) {
      const [given, kept] = CHECKED[field] ?? [sample(shape, true), sample(shape, false)];
      deepEqual((await sent(chat, { [field]: given }))[field], kept, field);
    }
  });

  Deno.test(`with ${whose} no field is sent that a list does not name`, async () => {
    await using chat = startWith(credential);
    for (const field of CHOICES) {
      const value = field === "store" ? true : { anything: true };
      const body = await sent(chat, { [field]: value });
      deepEqual(Object.keys(body), ["model", "messages"], field);
    }
  });

  Deno.test(`with ${whose} a vendor's row adds fields, bounded where they are known`, async () => {
    await using chat = startWith({
      ...credential,
      extra_fields: ["top_k", "thinking", "reasoning"],
    });
    const asked = {
      top_k: 4,
      min_p: 0.1,
      thinking: { type: "enabled", budget_tokens: 32_000, stranger: 1 },
      reasoning: { effort: "high", max_tokens: 64_000, stranger: 1 },
      max_tokens: 2_000,
    };
    const { messages: _, ...fields } = await sent(chat, asked);
    deepEqual(fields, {
      model: "openai/gpt-4o",
      top_k: 4,
      thinking: { type: "enabled", budget_tokens: 2_000 },
      reasoning: { effort: "high", max_tokens: 2_000 },
      max_tokens: 2_000,
    });
  });

  Deno.test(`with ${whose} messages have listed fields and parts only`, async () => {
    await using chat = startWith(credential);
    const url = "https://images.test/1.png";
    const messages = [{
      role: "user",
      stranger: 1,
      content: [
        { type: "text", text: "a", cache_control: { type: "ephemeral", ttl: "1h" }, stranger: 1 },
        { type: "image_url", image_url: { url, detail: "high", stranger: 1 } },
        { type: "file", file: { file_data: PDF, filename: "a.pdf", stranger: 1 } },
      ],
    }, {
      role: "assistant",
      content: null,
      audio: { id: "theirs" },
      tool_calls: [{
        id: "c",
        type: "function",
        function: { name: "f", arguments: "{}" },
        stranger: 1,
      }],
    }, { role: "tool", tool_call_id: "c", content: "1" }];
    const body = await sent(chat, { messages });
    deepEqual(body.messages.slice(1), [{
      role: "user",
      content: [
        { type: "text", text: "a", cache_control: { type: "ephemeral" } },
        { type: "image_url", image_url: { url, detail: "high" } },
        { type: "file", file: { file_data: PDF, filename: "a.pdf" } },
      ],
    }, {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }],
    }, { role: "tool", tool_call_id: "c", content: "1" }]);
  });

  for (
    const part of [
      { type: "file", file: { file_id: "file-1" } },
      { type: "file", file: { file_data: "https://files.test/1.pdf" } },
      { type: "file", file: { file_data: "data:text/csv;base64,AAAA" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
      { type: "video_url", video_url: { url: "https://videos.test/1.mp4" } },
      { type: "document", source: { type: "url", url: "https://files.test/1.pdf" } },
      { type: "image_url", image_url: { url: "gs://bucket/1.png" } },
      { type: "image_url", image_url: { url: "data:application/pdf;base64,AAAA" } },
      { type: "image_url", image_url: { file_id: "file-1" } },
    ]
  ) {
    Deno.test(`with ${whose} this part is refused, and left out of history: ${JSON.stringify(part)}`, async () => {
      await using chat = startWith(credential);
      const messages = [{ role: "user", content: [{ type: "text", text: "a" }, part] }];
      const response = await chat.post({ ...HELLO, messages });
      equal(response.status, 400);
      const { error } = await response.json();
      equal(error.code, "content_not_supported");
      match(error.message, /your own/);
      equal(chat.upstream.received.length, 0);
      const { state, attempts } = await chat.database.settled();
      deepEqual([state, attempts], ["failed", []], "no call was made");

      chat.turn = { new_messages: 1 };
      const body = await sent(chat, { messages: [...messages, { role: "user", content: "and?" }] });
      deepEqual(body.messages[1].content[0], { type: "text", text: "a" });
      equal(body.messages[1].content[1].type, "text");
    });
  }

  Deno.test(`with ${whose} embeddings have listed fields only`, async () => {
    await using chat = startWith({ ...credential, extra_fields: ["input_type"] }, vectors);
    const asked = {
      input: "a",
      dimensions: 2,
      encoding_format: "float",
      user: "u",
      input_type: "x",
    };
    const strangers = Object.fromEntries(CHOICES.map((field) => [field, true]));
    equal((await chat.embed({ ...asked, ...strangers })).status, 200);
    deepEqual(chat.upstream.received[0]?.body, { ...asked, model: "openai/gpt-4o" });
  });
}

Deno.test("OpenRouter is asked for a document's tokens, not for a reader billed by the page", () => {
  const messages = [{ role: "user", content: [{ type: "file", file: { file_data: PDF } }] }];
  const base_url = "https://openrouter.ai/api/v1";
  const plugins = [{ id: "file-parser", pdf: { engine: "native" } }];
  deepEqual(documentReader({ credential: "platform", base_url }, messages), { plugins });
  for (
    const [credential, address, asked] of [
      ["own", base_url, messages],
      ["platform", "https://api.openai.com/v1", messages],
      ["platform", base_url, [{ role: "user", content: "hello" }]],
    ] as const
  ) deepEqual(documentReader({ credential, base_url: address }, [...asked]), {});
});

Deno.test("an answer has one token limit, whatever the field is called", async () => {
  await using chat = startChat(() => completion("hi"));
  for (
    const field of [
      ...["max_output_tokens", "max_new_tokens", "max_tokens_to_sample", "max_gen_len"],
      ...["maxOutputTokens", "maxTokens", "num_predict"],
    ]
  ) {
    const body = await sent(chat, { [field]: 9_000, max_tokens: 5 });
    deepEqual([body.max_tokens, body[field]], [9_000, undefined], field);
    equal(chat.database.turns.at(-1)?.request.max_output_tokens, 9_000, "and is what is reserved");
  }
  await sent(chat, { maxTokens: 1e15 });
  equal(chat.database.turns.at(-1)?.request.max_output_tokens, 2 ** 31 - 1);
});

Deno.test("the caller's own key is sent all that is asked for; a shared one after it is not", async () => {
  await using chat = startChat((received) =>
    received.headers.get("authorization") === "Bearer own"
      ? Response.json({ error: { message: "no" } }, { status: 401 })
      : completion("hi")
  );
  let opened = 0;
  chat.deps.decryptKey = () => Promise.resolve(["own", "shared"][opened++] ?? "");
  chat.deps.limits.attempts = 3;
  const base_url = chat.upstream.baseUrl;
  chat.turn = {
    routes: [
      route({ base_url, credential: "own", keys, model: "whatever" }),
      route({ base_url, credential: "shared", keys, model: "openai/gpt-4o" }),
    ],
  };
  await sent(chat, { models: ["dear"], seed: 7 });
  deepEqual(chat.upstream.received.map(({ body }) => [body.model, body.models, body.seed]), [
    ["whatever", ["dear"], 7],
    ["openai/gpt-4o", undefined, 7],
  ]);
});

Deno.test("a call that the vendor may have charged is repeated only while budgets allow it", async () => {
  const hangUp = () => new Response(new ReadableStream({ start: (body) => body.error("gone") }));
  const limits = { attempts: 3, backoffMs: 1 };
  for (
    const [has_budget, reservable, calls] of [[true, 0, 1], [true, 1, 2], [true, 9, 3], [
      false,
      0,
      3,
    ]] as const
  ) {
    await using chat = startChat(hangUp, { limits, turn: { has_budget } });
    chat.database.reservable = reservable;
    const response = await chat.post(HELLO);
    equal(response.status, 502);
    await response.body?.cancel();
    equal(chat.upstream.received.length, calls, `${has_budget} ${reservable}`);
    equal(chat.database.reserved, has_budget ? calls - 1 : 0);
  }
  await using chat = startChat(
    () => Response.json({ error: { message: "x" } }, { status: 503 }),
    { limits, turn: { has_budget: true } },
  );
  await (await chat.post(HELLO)).body?.cancel();
  deepEqual(
    [chat.upstream.received.length, chat.database.reserved],
    [3, 0],
    "an error is not sold",
  );
  ok(chat.database.turns[0]?.outcomes.length);
});
