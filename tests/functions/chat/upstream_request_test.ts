import { deepEqual, equal, ok } from "node:assert/strict";
import { endpointsOf } from "../../../functions/_shared/gateway/call/endpoint.ts";
import { HELLO, startChat, USER_ID, VENDOR_KEY } from "../support/chat_fixture.ts";
import { route as makeRoute } from "../support/memory_database.ts";
import { chunk, completion, data, stream } from "../support/upstream_server.ts";

const answering = () => stream(chunk({ content: "hi" }, { finish_reason: "stop" }), data("[DONE]"));

Deno.test("the upstream gets the whole conversation under its own model's name", async () => {
  await using chat = startChat(() => completion("hi"));
  await (await chat.post({ ...HELLO, seed: 7, top_p: 0.5 })).body?.cancel();
  const [call] = chat.upstream.received;
  equal(call?.path, "/v1/chat/completions");
  equal(call?.headers.get("authorization"), `Bearer ${VENDOR_KEY}`);
  deepEqual(call?.body, {
    model: "openai/gpt-4o",
    messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "hello" }],
    seed: 7,
    top_p: 0.5,
  });
});

Deno.test("the upstream does not get the fields that are meant for the gateway", async () => {
  await using chat = startChat(() => completion("hi"));
  const ours = { session_id: "sess_1", title: "Greeting" };
  await (await chat.post({ ...HELLO, metadata: ours })).body?.cancel();
  equal(chat.upstream.received[0]?.body.metadata, undefined);
  await (await chat.post({ ...HELLO, store: true, metadata: { ...ours, theirs: "x" } })).body
    ?.cancel();
  equal("metadata" in chat.upstream.received[1]?.body, false, "nor what goes with what is stored");

  const { request } = chat.database.turns[0]!;
  deepEqual([request.session_id, request.title], ["sess_1", "Greeting"]);
});

Deno.test("a caller's own headers, the token first, do not reach the upstream", async () => {
  await using chat = startChat(() => completion("hi"));
  const headers = { authorization: "Bearer caller", cookie: "a=b", "x-forwarded-for": "10.0.0.1" };
  await (await chat.post(HELLO, headers)).body?.cancel();
  const received = chat.upstream.received[0]!.headers;
  equal(received.get("authorization"), `Bearer ${VENDOR_KEY}`);
  deepEqual([received.get("cookie"), received.get("x-forwarded-for")], [null, null]);
});

Deno.test("the agent's defaults apply to fields that the caller leaves out", async () => {
  const turn = { defaults: { temperature: 0.3, max_tokens: 99 } };
  await using chat = startChat(() => completion("hi"), { turn });
  const sent = async (body: object) => {
    await (await chat.post({ ...HELLO, ...body })).body?.cancel();
    const { temperature, max_tokens } = chat.upstream.received.at(-1)!.body;
    return [temperature, max_tokens];
  };
  deepEqual(await sent({}), [0.3, 99]);
  deepEqual(await sent({ temperature: null, max_tokens: null }), [0.3, 99]);
  deepEqual(await sent({ temperature: 0, max_tokens: 5 }), [0, 5]);
});

Deno.test("the agent's fields apply where the caller sets none, as far as the credential allows them", async () => {
  const fields = {
    top_p: 0.1,
    stop: ["END"],
    seed: 7,
    reasoning_effort: "low",
    verbosity: "low",
    frequency_penalty: 1,
    presence_penalty: -1,
    parallel_tool_calls: false,
    response_format: { type: "json_object" },
  };
  const turn = { defaults: { temperature: null, max_tokens: null, fields } };
  await using chat = startChat(() => completion("hi"), { turn });
  const sent = async (body: object) => {
    await (await chat.post({ ...HELLO, ...body })).body?.cancel();
    const received = chat.upstream.received.at(-1)!.body;
    return Object.fromEntries(Object.keys(fields).map((name) => [name, received[name]]));
  };
  const tools = [{ type: "function", function: { name: "look" } }];
  deepEqual(await sent({ tools }), fields);
  deepEqual(await sent({ tools, top_p: null }), fields);
  const asked = { top_p: 0.9, stop: "STOP", response_format: { type: "text" } };
  deepEqual(await sent({ tools, ...asked }), { ...fields, ...asked });
  // Vendors refuse options about tool calls in requests without tools.
  deepEqual(await sent({}), { ...fields, parallel_tool_calls: undefined });
});

Deno.test("a vendor gets one token limit, under the field name in its row", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.turn = { defaults: { temperature: null, max_tokens: 99 } };
  for (const field of ["max_tokens", "max_completion_tokens", "max_output"]) {
    chat.route = { max_tokens_field: field };
    const sent = async (body: object) => {
      await (await chat.post({ ...HELLO, ...body })).body?.cancel();
      const { model: _, messages: __, ...fields } = chat.upstream.received.at(-1)!.body;
      return fields;
    };
    deepEqual(await sent({}), { [field]: 99 });
    deepEqual(await sent({ max_tokens: 5 }), { [field]: 5 });
    deepEqual(await sent({ max_completion_tokens: 6 }), { [field]: 6 });
    deepEqual(await sent({ max_completion_tokens: 7, max_tokens: 7 }), { [field]: 7 });
  }
});

Deno.test("an answer without a limit is bounded by budgets and by the route's model", async () => {
  await using chat = startChat(() => completion("hi"));
  const sent = async (turn: object, route: object, body: object = {}) => {
    Object.assign(chat, { turn, route });
    await (await chat.post({ ...HELLO, ...body })).body?.cancel();
    return chat.upstream.received.at(-1)!.body.max_tokens;
  };
  const budget = { max_output_tokens: 5_000 };
  equal(await sent({}, { max_output_tokens: 4_000 }), undefined, "no budget, no limit");
  equal(await sent(budget, {}), 5_000);
  equal(await sent(budget, { max_output_tokens: 4_000 }), 4_000);
  equal(await sent(budget, { context_window: 100_000 }), 5_000);
  // Two messages of about twenty tokens, each estimated at twice that.
  const room: number = await sent(budget, { context_window: 4_096 });
  ok(room < 4_096 && room > 3_900, `${room}`);
  equal(await sent(budget, { context_window: 1_030 }), 1_024, "what was kept free of history");
  equal(await sent(budget, {}, { max_tokens: 9_000 }), 9_000, "the caller's own was reserved for");
  const defaults = { temperature: null, max_tokens: 3_000 };
  equal(await sent({ ...budget, defaults }, {}), 3_000);
  equal(await sent({ defaults }, { max_output_tokens: 2_000 }), 2_000);
  equal(await sent({ max_output_tokens: 1_500, defaults }, {}), 1_500);
});

Deno.test("the database gets all that bounds a call's cost: its limit, and all that the model reads", async () => {
  await using chat = startChat(() => completion("hi"));
  const asked = async (body: object) => {
    await (await chat.post({ ...HELLO, ...body })).body?.cancel();
    return chat.database.turns.at(-1)!.request;
  };
  const bare = await asked({});
  equal(bare.max_output_tokens, null);
  equal((await asked({ max_tokens: 5 })).max_output_tokens, 5);
  equal((await asked({ max_completion_tokens: 6 })).max_output_tokens, 6);
  const schema = { type: "json_schema", json_schema: { name: "é".repeat(500), schema: {} } };
  const { other_bytes } = await asked({ response_format: schema, tools: TOOLS });
  const added = new TextEncoder().encode(JSON.stringify(schema) + JSON.stringify(TOOLS)).length;
  ok(other_bytes >= bare.other_bytes + added, `${other_bytes}`);
});

/** Fields that would make the platform pay for something other than the priced service. */
const ELSEWHERE = {
  models: ["openai/gpt-5-pro"],
  route: "fallback",
  provider: { order: ["dearest"] },
  plugins: [{ id: "web" }],
  service_tier: "priority",
  web_search_options: {},
  modalities: ["text", "audio"],
  audio: { voice: "alloy", format: "mp3" },
  prediction: { type: "content", content: "hello" },
  store: true,
  extra_body: { google: { cached_content: "theirs" } },
};
const SEARCH = { type: "openrouter:web_search" };
const TOOLS = [{ type: "function", function: { name: "f" } }];
const SHAPE = {
  seed: 7,
  stop: ["."],
  logprobs: true,
  reasoning_effort: "low",
  response_format: { type: "json_object" },
  tool_choice: "auto",
  parallel_tool_calls: false,
  tools: TOOLS,
  user: "u1",
};
/** Unknown fields, which a list of allowed fields would have to name. */
const UNKNOWN = { top_k: 4, some_day: { a: "new field" } };

Deno.test("the platform's credential buys the service that is priced, and nothing else", async () => {
  await using chat = startChat(() => completion("hi"));
  const sent = async (body: object) => {
    const response = await chat.post({ ...HELLO, ...body });
    equal(response.status, 200);
    await response.body?.cancel();
    const { messages: _, ...fields } = chat.upstream.received.at(-1)!.body;
    return fields;
  };
  const model = "openai/gpt-4o";
  deepEqual(await sent({ ...ELSEWHERE, ...UNKNOWN, ...SHAPE }), { model, ...SHAPE });
  const { tool_choice: _choice, ...without } = SHAPE;
  deepEqual(await sent({ ...SHAPE, tools: [SEARCH, ...TOOLS] }), { model, ...without });
  deepEqual(await sent({ tools: [SEARCH], tool_choice: "required", seed: 7 }), { model, seed: 7 });
});

Deno.test("the caller's own key buys what its owner asks for", async () => {
  await using chat = startChat(() => completion("hi"));
  chat.deps.decryptKey = () => Promise.resolve("sk-own");
  const encrypted_key = "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA";
  const key = { id: "k", user_id: USER_ID, vendor_id: "openrouter", encrypted_key };
  chat.route = { credential: "own", keys: [key] };
  const asked = { ...ELSEWHERE, ...UNKNOWN, ...SHAPE, tools: [SEARCH, ...TOOLS] };
  await (await chat.post({ ...HELLO, ...asked })).body?.cancel();
  const { messages: _, ...fields } = chat.upstream.received[0]!.body;
  deepEqual(fields, { model: "openai/gpt-4o", ...asked });
});

Deno.test("usage is always requested from a stream", async () => {
  await using chat = startChat(answering);
  await (await chat.post({ ...HELLO, stream: true })).text();
  await (await chat.post({
    ...HELLO,
    stream: true,
    stream_options: { include_usage: false, include_obfuscation: false },
  })).text();
  const [silent, declining] = chat.upstream.received;
  deepEqual(silent?.body.stream_options, { include_usage: true });
  deepEqual(declining?.body.stream_options, { include_usage: true, include_obfuscation: false });
});

const route = makeRoute({
  vendor_id: "google_vertex",
  service_id: null,
  base_url: "https://{location}.example.com/{project}/openapi/",
  auth_type: "api_key",
  auth_header: "x-api-key",
  auth_scheme: null,
});

const environment = (variables: Record<string, string>, demoUpstreamUrl?: string) => ({
  variables: new Map(Object.entries(variables)),
  demoUpstreamUrl,
});

const outside = (env: ReturnType<typeof environment>) => ({
  env,
  accessToken: () => Promise.reject(new Error("not asked for")),
});

Deno.test("endpointsOf() fills a vendor's address from its variables", async () => {
  const env = environment({
    GOOGLE_VERTEX_API_KEY: "key",
    GOOGLE_VERTEX_LOCATION: "europe-west1",
    GOOGLE_VERTEX_PROJECT: "a/b",
  });
  const [prepare, ...more] = endpointsOf(route, "/chat/completions", outside(env));
  deepEqual([await prepare!.prepare(), more], [{
    url: "https://europe-west1.example.com/a%2Fb/openapi/chat/completions",
    headers: { "x-api-key": "key" },
    secret: "key",
    ownKey: false,
  }, []]);
});

Deno.test("the demo upstream answers for the vendors without a credential, and for no other", async () => {
  await using demo = startChat(() => completion("[demo] hi"));
  const url = demo.upstream.baseUrl;
  demo.deps.env = environment({ OPENAI_API_KEY: "sk-other" }, url);
  equal((await demo.post(HELLO)).status, 200);
  const headers = demo.upstream.received[0]?.headers;
  equal(headers?.get("authorization"), null);
  equal(headers?.get("x-missing-credential"), "OPENROUTER_API_KEY");

  const env = environment({ OPENROUTER_API_KEY: "sk-1" }, "http://127.0.0.1:1/demo");
  const [prepare] = endpointsOf(makeRoute(), "/chat/completions", outside(env));
  equal((await prepare!.prepare()).secret, "sk-1");
});

for (
  const [what, change, env, status, code, says] of [
    ["no credential", {}, {}, 503, "vendor_not_configured", /GOOGLE_VERTEX_API_KEY/],
    [
      "no address",
      {},
      { GOOGLE_VERTEX_API_KEY: "key" },
      503,
      "vendor_not_configured",
      /GOOGLE_VERTEX_LOCATION/,
    ],
    [
      "the caller's own key, which nothing here decrypts",
      { credential: "own" as const },
      {},
      503,
      "keys_not_configured",
      /KEY_ENCRYPTION_KEYS/,
    ],
    ["another format", { api_format: "soap" }, {}, 501, "api_format_not_supported", /format/],
    ["no API", { base_url: null }, {}, 501, "api_format_not_supported", /format/],
  ] as const
) {
  Deno.test(`a route with ${what} is refused, and its turn settled as failed`, async () => {
    await using chat = startChat(() => completion("hi"), {
      turn: { routes: [{ ...route, ...change }] },
    });
    chat.deps.env = environment(env);
    const response = await chat.post(HELLO);
    const { error } = await response.json();
    deepEqual([response.status, error.code, says.test(error.message)], [status, code, true]);
    equal(chat.upstream.received.length, 0);
    const outcome = await chat.database.settled();
    deepEqual([outcome.state, outcome.error?.code, outcome.attempts, outcome.usage], [
      "failed",
      code,
      [],
      null,
    ]);
  });
}
