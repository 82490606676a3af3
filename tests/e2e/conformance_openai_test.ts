import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import OpenAI from "openai";
import {
  chunk,
  completion,
  data,
  stream,
  usageChunk,
} from "../functions/support/upstream_server.ts";
import { eventually, openDatabase, type Person, signUp, stack } from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";

const say = (content: string) => [{ role: "user" as const, content }];
const END = data("[DONE]");

const weather: OpenAI.ChatCompletionTool = {
  type: "function",
  function: {
    name: "weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const call = {
  id: "call_1",
  type: "function",
  function: { name: "weather", arguments: '{"city":"Rome"}' },
};

/** The ledger's row of a request, once the turn is settled. */
async function ledgerOf(person: Person, requestId: string | null | undefined) {
  return await eventually(async () => {
    const { data } = await person.supabase.from("ai_interactions").select("*")
      .eq("request_id", requestId).single();
    return data;
  }, (row) => row !== null && row.turn_state !== "running");
}

Deno.test("a vendor added by rows alone answers, with the credential that is set for it", async () => {
  await using vendor = await startVendor(() => completion("from rows"));
  const ann = await signUp("ann");
  const { data: answer, request_id } = await ann.openai.chat.completions
    .create({ model: vendor.model, messages: say("Hello.") }).withResponse();
  equal(answer.choices[0]?.message.content, "from rows");
  equal(vendor.upstream.received[0]?.headers.get("authorization"), "Bearer e2e upstream key");
  const row = await ledgerOf(ann, request_id);
  deepEqual([row.vendor_id, row.turn_state, row.input_tokens], ["e2e_upstream", "succeeded", 11]);
  // 11 and 7 tokens at the vendor's rates, and its price of a request.
  equal(String(row.total_cost), "0.0001286559");
});

for (const streaming of [false, true]) {
  Deno.test(`tools over two turns of a session (stream: ${streaming})`, async () => {
    const asking = () =>
      streaming
        ? stream(
          chunk({
            tool_calls: [{
              index: 0,
              id: call.id,
              type: call.type,
              function: { name: "weather", arguments: "" },
            }],
          }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
          chunk({ tool_calls: [{ index: 0, function: { arguments: '"Rome"}' } }] }),
          chunk({}, { finish_reason: "tool_calls" }),
          usageChunk(9, 5),
          END,
        )
        : completion("", {
          choices: [{
            index: 0,
            message: { role: "assistant", content: null, tool_calls: [call] },
            finish_reason: "tool_calls",
          }],
        });
    await using vendor = await startVendor(({ body }) =>
      body.messages.at(-1).role === "tool" ? completion("It is sunny in Rome.") : asking()
    );
    const ann = await signUp("ann");
    const ask = { model: vendor.model, messages: say("Weather in Rome?"), tools: [weather] };
    let sessionId: string;
    let called: OpenAI.ChatCompletionMessage | undefined;
    if (streaming) {
      const running = ann.openai.chat.completions.stream(ask);
      called = (await running.finalChatCompletion()).choices[0]?.message;
      const { data } = await ann.supabase.from("chat_sessions").select("session_id").single();
      sessionId = data?.session_id;
    } else {
      const { data, response } = await ann.openai.chat.completions.create(ask).withResponse();
      called = data.choices[0]?.message;
      sessionId = response.headers.get("x-session-id")!;
    }
    const [made] = called?.tool_calls ?? [];
    ok(made?.type === "function");
    deepEqual([made.id, made.function.name, JSON.parse(made.function.arguments)], [
      "call_1",
      "weather",
      { city: "Rome" },
    ]);

    const told = await ann.openai.chat.completions.create({
      model: vendor.model,
      messages: [{ role: "tool", tool_call_id: made.id, content: "sunny" }],
      tools: [weather],
    }, { headers: { "x-session-id": sessionId } });
    equal(told.choices[0]?.message.content, "It is sunny in Rome.");
    const given = vendor.upstream.received[1]?.body;
    deepEqual(given.messages.map(({ role }: { role: string }) => role), [
      "user",
      "assistant",
      "tool",
    ]);
    deepEqual(given.messages[1].tool_calls[0].function, call.function);
    deepEqual(given.tools, [weather]);
  });
}

Deno.test("two streamed tool calls of Gemini are kept and stored separately", async () => {
  for (const index of [undefined, 0]) {
    const calling = (city: string) =>
      chunk({
        tool_calls: [{
          index,
          id: `call_${city}`,
          type: "function",
          function: { name: "weather", arguments: JSON.stringify({ city }) },
        }],
      });
    await using vendor = await startVendor(({ body }) =>
      body.messages.at(-1).role === "tool"
        ? stream(chunk({ content: "Sunny." }, { finish_reason: "stop" }), END)
        : stream(calling("Rome"), calling("Oslo"), chunk({}, { finish_reason: "stop" }), END)
    );
    const ann = await signUp("ann");
    const asked: string[] = [];
    const run = ({ city }: { city: string }): string => {
      asked.push(city);
      return `sunny in ${city}`;
    };
    const said: string | null = await ann.openai.chat.completions.runTools({
      model: vendor.model,
      messages: say("Weather in Rome and Oslo?"),
      stream: true,
      tools: [{
        type: "function",
        function: {
          name: "weather",
          description: "The weather in a city",
          parameters: weather.function.parameters!,
          parse: JSON.parse,
          function: run,
        },
      }],
    }).finalContent();
    equal(said, "Sunny.");
    deepEqual(asked, ["Rome", "Oslo"]);
    const { data: [stored] } = await ann.supabase.from("chat_messages")
      .select("tool_calls, finish_reason").eq("role", "assistant").order("seq").throwOnError();
    equal(stored?.finish_reason, "tool_calls");
    deepEqual(
      stored?.tool_calls.map((made: { function: object }) => made.function),
      ["Rome", "Oslo"].map((city) => ({ name: "weather", arguments: JSON.stringify({ city }) })),
    );
  }
});

Deno.test("the real cost of an answer whose client disconnected is recorded later", async () => {
  let asked = 0;
  await using vendor = await startVendor(({ path }) => {
    if (path === "/v1/chat/completions") {
      const forever = Array.from({ length: 400 }, () => [
        () => new Promise<void>((resolve) => setTimeout(resolve, 5)),
        chunk({ content: "word " }, { id: "gen-1" }),
      ]).flat();
      return stream(...forever);
    }
    if (asked++ === 0) return new Response(null, { status: 404 });
    const generation = {
      id: "gen-1",
      native_tokens_prompt: 1_000,
      native_tokens_completion: 100,
      total_cost: 0.0123,
    };
    return Response.json({ data: generation });
  });
  await using database = openDatabase();
  await database.sql`
    update public.vendors set usage_path = '/generation?id={id}' where id = 'e2e_upstream'`;
  const ann = await signUp("ann");
  await database.sql`
    insert into public.budgets (organization_id, period, limit_usd)
    select profiles.current_organization_id, 'month', 10 from public.profiles
    where profiles.id = ${ann.id}`;
  const { data: running, request_id } = await ann.openai.chat.completions
    .create({ model: vendor.model, messages: say("Hello."), stream: true }).withResponse();
  for await (const _chunk of running) break;

  const estimate = await ledgerOf(ann, request_id);
  deepEqual([estimate.turn_state, estimate.usage_is_estimated], ["partial", true]);
  const read = () =>
    database.sql`
      select turns.usage_is_estimated, turns.input_tokens::int, turns.output_tokens::int, answers.tokens_used,
        turns.provider_cost::text, turns.total_cost::text, budgets.spent_usd::text
      from public.ai_interactions turns
      join public.chat_messages answers on answers.interaction_id = turns.id and answers.role = 'assistant'
      join public.budgets on budgets.organization_id = turns.organization_id
      where turns.id = ${estimate.id}`;
  const [row] = await eventually(read, ([row]) => row?.usage_is_estimated === false);
  deepEqual({ ...row }, {
    usage_is_estimated: false,
    input_tokens: 1_000,
    output_tokens: 100,
    tokens_used: 1_100,
    provider_cost: "0.0123000000",
    total_cost: "0.0046465346",
    spent_usd: "0.0046465346",
  });
  equal(vendor.upstream.received.at(-1)?.search, "?id=gen-1");
});

Deno.test("a JSON schema and every other option reach the model", async () => {
  await using vendor = await startVendor(() => completion('{"city":"Rome"}'));
  const ann = await signUp("ann");
  const schema = { type: "object", properties: { city: { type: "string" } } };
  const options = {
    response_format: {
      type: "json_schema" as const,
      json_schema: { name: "city", schema, strict: true },
    },
    stop: ["\n\n"],
    seed: 7,
    logprobs: true,
    top_logprobs: 2,
    reasoning_effort: "low" as const,
    max_completion_tokens: 55,
    user: "u1",
    parallel_tool_calls: false,
  };
  const parsed = await ann.openai.chat.completions.parse({
    model: vendor.model,
    messages: say("Which city?"),
    ...options,
  });
  equal(parsed.choices[0]?.message.content, '{"city":"Rome"}');
  const { model: _model, messages: _messages, ...given } = vendor.upstream.received[0]!.body;
  // The vendor's row decides the name of the limit.
  const { max_completion_tokens, ...others } = options;
  deepEqual(given, { ...others, max_tokens: max_completion_tokens });
});

Deno.test("an image in a message reaches the model, in the next turn as well", async () => {
  await using vendor = await startVendor(() => completion("A cat."));
  const ann = await signUp("ann");
  const content = [
    { type: "text" as const, text: "What is this?" },
    { type: "image_url" as const, image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } },
  ];
  const { response } = await ann.openai.chat.completions
    .create({ model: vendor.model, messages: [{ role: "user", content }] }).withResponse();
  deepEqual(vendor.upstream.received[0]?.body.messages, [{ role: "user", content }]);
  await ann.openai.chat.completions.create({ model: vendor.model, messages: say("Sure?") }, {
    headers: { "x-session-id": response.headers.get("x-session-id")! },
  });
  deepEqual(vendor.upstream.received[1]?.body.messages[0], { role: "user", content });
});

Deno.test("a photo of 15 MB reaches the model, in the next turn as well", async () => {
  await using vendor = await startVendor(() => completion("A cat."));
  const ann = await signUp("ann");
  // On a busy machine, a body of this size may take longer than the database waits: clients retry.
  const openai = ann.openai.withOptions({ maxRetries: 10 });
  const noise = crypto.getRandomValues(new Uint8Array(60_000)).toBase64();
  const content = [
    { type: "text" as const, text: "What is this?" },
    {
      type: "image_url" as const,
      image_url: { url: `data:image/jpeg;base64,${noise.repeat(188)}` },
    },
  ];
  const { response } = await openai.chat.completions
    .create({ model: vendor.model, messages: [{ role: "user", content }] }).withResponse();
  await openai.chat.completions.create({ model: vendor.model, messages: say("Sure?") }, {
    headers: { "x-session-id": response.headers.get("x-session-id")! },
  });
  for (const { body } of vendor.upstream.received) {
    ok(body.messages[0].content[1].image_url.url === content[1]?.image_url?.url);
  }
  deepEqual(
    vendor.upstream.received.at(-1)?.body.messages.map(({ role }: { role: string }) => role),
    ["user", "assistant", "user"],
  );
});

Deno.test("usage is sent in a separate chunk, and only when it is requested", async () => {
  await using vendor = await startVendor(() =>
    stream(chunk({ content: "hi" }, { finish_reason: "stop" }), usageChunk(4, 1), END)
  );
  const ann = await signUp("ann");
  for (const include_usage of [true, false]) {
    const chunks = [];
    const running = await ann.openai.chat.completions.create({
      model: vendor.model,
      messages: say("Hello."),
      stream: true,
      stream_options: { include_usage },
    });
    for await (const one of running) chunks.push(one);
    deepEqual(
      chunks.filter(({ choices }) => choices.length === 0).map(({ usage }) => usage?.total_tokens),
      include_usage ? [5] : [],
    );
  }
});

Deno.test("the openai client's own retry succeeds after a 429", async () => {
  let asked = 0;
  await using vendor = await startVendor(() =>
    asked++ === 0
      ? Response.json({ error: { message: "slow down" } }, {
        status: 429,
        headers: { "retry-after": "11" },
      })
      : completion("now")
  );
  const ann = await signUp("ann");
  const patient = new OpenAI({
    baseURL: stack.FUNCTIONS_URL,
    apiKey: ann.accessToken,
    maxRetries: 1,
    // The client respects retry-after; the test shortens its wait.
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const headers = new Headers(response.headers);
      if (response.status === 429) {
        equal(headers.get("retry-after"), "11");
        equal(headers.get("retry-after-ms"), "11000");
        headers.set("retry-after-ms", "1");
      }
      return new Response(response.body, { status: response.status, headers });
    },
  });
  const answer = await patient.chat.completions.create({
    model: vendor.model,
    messages: say("Hello."),
  });
  equal(answer.choices[0]?.message.content, "now");
  equal(asked, 2);
});

Deno.test("a vendor that fails once is called again, and each attempt is a row", async () => {
  let asked = 0;
  await using vendor = await startVendor(() =>
    asked++ === 0 ? new Response(null, { status: 529 }) : completion("at last")
  );
  const ann = await signUp("ann");
  const { data: answer, request_id } = await ann.openai.chat.completions
    .create({ model: vendor.model, messages: say("Hello.") }).withResponse();
  equal(answer.choices[0]?.message.content, "at last");
  const row = await ledgerOf(ann, request_id);
  const { data: attempts } = await ann.supabase.from("agent_executions")
    .select("attempt, status, upstream_status, counts_against_agent")
    .eq("interaction_id", row.id).order("attempt");
  deepEqual(attempts?.map((one) => Object.values(one)), [
    [1, "failed", 529, true],
    [2, "succeeded", 200, false],
  ]);
});

Deno.test("an agent's fallback answers when the agent's own vendor fails", async () => {
  await using vendor = await startVendor(() => new Response(null, { status: 500 }));
  await using database = openDatabase();
  await database.sql`
    update public.agents set config = '{"fallbacks": ["droid/gpt-4o"]}' where id = ${vendor.agentId}`;
  const ann = await signUp("ann");
  const { data: answer, request_id } = await ann.openai.chat.completions
    .create({ model: vendor.model, messages: say("Hello.") }).withResponse();
  match(answer.choices[0]?.message.content ?? "", /^\[demo model\]/);
  const row = await ledgerOf(ann, request_id);
  deepEqual([row.vendor_id, row.turn_state], ["openrouter", "succeeded"]);
  ok(Number(row.total_cost) > 0, "at the price of the one that answered");
  const { data: attempts } = await ann.supabase.from("agent_executions")
    .select("vendor_id, status").eq("interaction_id", row.id).order("attempt");
  deepEqual(attempts?.map((one) => Object.values(one)), [
    ["e2e_upstream", "failed"],
    ["e2e_upstream", "failed"],
    ["openrouter", "succeeded"],
  ]);
});

Deno.test("an agent whose vendor keeps failing is no longer called; a caller's mistake does not count against it", async () => {
  let status = 400;
  await using vendor = await startVendor(() =>
    Response.json({ error: { message: "because" } }, { status })
  );
  const [ann, ben] = [await signUp("ann"), await signUp("ben")];
  const ask = (who = ann) =>
    who.openai.chat.completions.create({ model: vendor.model, messages: say("Hello.") })
      .then(() => null, (error) => error);
  for (let refused = 0; refused < 6; refused++) equal((await ask()).status, 400);
  status = 500;
  for (let failed = 0; failed < 6; failed++) equal((await ask()).status, 502, "one caller's alone");
  // Once another person's calls fail too, most calls within a minute have failed.
  equal((await ask(ben)).status, 502);
  const called = vendor.upstream.received.length;
  const error = await ask();
  ok(error instanceof OpenAI.InternalServerError);
  deepEqual([error.status, error.code], [503, "circuit_open"]);
  const seconds = Number(error.headers?.get("retry-after"));
  ok(seconds > 0 && seconds <= 40, `retry-after: ${seconds}`);
  equal(vendor.upstream.received.length, called, "no vendor was called");
});

Deno.test("errors are thrown as the openai client's classes", async () => {
  let status = 400;
  await using vendor = await startVendor(() =>
    Response.json({ error: { message: "because" } }, { status })
  );
  const ann = await signUp("ann");
  const ask = (body: object = {}) =>
    ann.openai.chat.completions.create({ model: vendor.model, messages: say("Hello."), ...body });
  await rejects(ask(), (error) => error instanceof OpenAI.BadRequestError);
  await rejects(ask({ n: 2 }), (error) => {
    ok(error instanceof OpenAI.BadRequestError);
    equal(error.param, "n");
    return true;
  });
  await rejects(ask({ model: "no-such-model" }), (error) => {
    ok(error instanceof OpenAI.NotFoundError);
    equal(error.code, "model_not_found");
    return true;
  });
  for (const broken of [401, 503]) {
    status = broken;
    await rejects(ask(), (error) => {
      ok(error instanceof OpenAI.InternalServerError);
      equal(error.status, 502);
      return true;
    });
  }
});

Deno.test("a request that is repeated with its key is answered from the ledger", async () => {
  for (const streaming of [false, true]) {
    let asked = 0;
    await using vendor = await startVendor(() => {
      asked++;
      return streaming
        ? stream(chunk({ content: `answer ${asked}` }, { finish_reason: "stop" }), END)
        : completion(`answer ${asked}`);
    });
    const ann = await signUp("ann");
    const headers = { "idempotency-key": crypto.randomUUID() };
    const ask = async (content: string) => {
      const body = { model: vendor.model, messages: say(content) };
      if (!streaming) {
        const { data, response } = await ann.openai.chat.completions
          .create(body, { headers }).withResponse();
        return { text: data.choices[0]?.message.content, id: data.id, response };
      }
      const { data, response } = await ann.openai.chat.completions
        .create({ ...body, stream: true }, { headers }).withResponse();
      let text = "";
      let id = "";
      for await (const one of data) {
        text += one.choices[0]?.delta.content ?? "";
        id = one.id;
      }
      return { text, id, response };
    };
    const first = await ask("Hello.");
    const second = await ask("Hello.");
    deepEqual([second.text, second.id, asked], [first.text, first.id, 1]);
    deepEqual(
      [first, second].map(({ response }) => response.headers.get("idempotent-replayed")),
      [null, "true"],
    );
    equal(second.response.headers.get("x-session-id"), first.response.headers.get("x-session-id"));
    await rejects(ask("Something else."), (error) => {
      ok(error instanceof OpenAI.UnprocessableEntityError);
      equal(error.code, "idempotency_key_reused");
      return true;
    });
    const { count } = await ann.supabase.from("ai_interactions")
      .select("id", { count: "exact", head: true });
    equal(count, 1);
  }
});

Deno.test("a stream that is repeated with its key is the same to the last byte", async () => {
  const logprobs = {
    content: [{ token: "\ud83d", logprob: -0.25, bytes: null, top_logprobs: [] }],
  };
  const call = { index: 0, id: "c1", type: "function", function: { name: "f", arguments: "{}" } };
  await using vendor = await startVendor(() =>
    stream(
      chunk({ role: "assistant", content: "" }, { system_fingerprint: "fp" }),
      chunk({ reasoning: "Well\0", zeta: 1, alpha: [{ z: 1.5e-9, a: null }] }),
      data({ choices: [{ index: 0, delta: { content: "\ud83d" }, logprobs }] }),
      data({ choices: [{ index: 0, delta: { content: "\ude42" }, logprobs: null }] }),
      chunk({ tool_calls: [call] }, { finish_reason: "tool_calls" }),
      usageChunk(4, 1),
      END,
    )
  );
  const ann = await signUp("ann");
  const key = crypto.randomUUID();
  const ask = async () => {
    const response = await fetch(`${stack.FUNCTIONS_URL}/chat/completions`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${ann.accessToken}`,
        "content-type": "application/json",
        "idempotency-key": key,
      },
      body: JSON.stringify({
        model: vendor.model,
        messages: say("Hello."),
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    return { text: await response.text(), repeated: response.headers.has("idempotent-replayed") };
  };
  const { text: first } = await ask();
  deepEqual(await ask(), { text: first, repeated: true });
  ok(first.endsWith("data: [DONE]\n\n"));
  for (const part of ["\\ud83d", "Well\\u0000", '"zeta":1,"alpha"', "total_tokens", "tool_calls"]) {
    ok(first.includes(part), part);
  }
  equal(vendor.upstream.received.length, 1);
});

Deno.test("of many calls with one idempotency key one runs, and the others are told to wait", async () => {
  const pause = Promise.withResolvers<void>();
  await using vendor = await startVendor(async () => {
    await pause.promise;
    return completion("once");
  });
  const ann = await signUp("ann");
  const headers = { "idempotency-key": crypto.randomUUID() };
  const ask = () =>
    ann.openai.chat.completions.create({ model: vendor.model, messages: say("Hello.") }, {
      headers,
    });
  let refused = 0;
  const asking = Array.from({ length: 5 }, async () => {
    try {
      return (await ask()).choices[0]?.message.content;
    } catch (error) {
      ok(error instanceof OpenAI.ConflictError, String(error));
      deepEqual([error.code, error.headers?.get("retry-after")], ["request_in_progress", "1"]);
      refused++;
      return null;
    }
  });
  await eventually(() => Promise.resolve(vendor.upstream.received.length), (count) => count > 0);
  // The other four are refused while the first one runs.
  await eventually(() => Promise.resolve(refused), (count) => count === 4);
  pause.resolve();
  const answers = await Promise.all(asking);
  deepEqual(answers.filter((answer) => answer === "once").length, 1);
  equal(vendor.upstream.received.length, 1);
});

Deno.test("an exhausted budget is a 402 that names the budget, and the client does not retry", async () => {
  await using vendor = await startVendor(() => completion("never"));
  const ann = await signUp("ann");
  await using database = openDatabase();
  await database.sql`
    insert into public.budgets (organization_id, period, limit_usd)
    select profiles.current_organization_id, 'month', 0.0000000001
    from public.profiles where profiles.id = ${ann.id}`;
  let requests = 0;
  const client = new OpenAI({
    baseURL: stack.FUNCTIONS_URL,
    apiKey: ann.accessToken,
    maxRetries: 2,
    fetch: (...args) => {
      requests++;
      return fetch(...args);
    },
  });
  await rejects(
    client.chat.completions.create({ model: vendor.model, messages: say("Hello.") }),
    (error) => {
      ok(error instanceof OpenAI.APIError);
      deepEqual([error.status, error.code, error.type], [
        402,
        "budget_exceeded",
        "insufficient_quota",
      ]);
      const { budget_scope, period, limit, resets_at } = error.error as Record<string, string>;
      deepEqual([budget_scope, period, limit], ["organization", "month", "0.0000000001"]);
      ok(Date.parse(resets_at!) > Date.now());
      return true;
    },
  );
  equal(requests, 1);
  equal(vendor.upstream.received.length, 0);
});

Deno.test("an answer has headers for its rate limits and its timing", async () => {
  const ann = await signUp("ann");
  const { response } = await ann.openai.chat.completions
    .create({ model: "gemini-1.5-pro", messages: say("Hello.") }).withResponse();
  match(response.headers.get("x-ratelimit-limit-requests") ?? "", /^\d+$/);
  match(response.headers.get("x-ratelimit-remaining-requests") ?? "", /^\d+$/);
  for (const phase of ["auth", "begin", "decrypt", "upstream", "settle"]) {
    match(response.headers.get("server-timing") ?? "", new RegExp(`\\b${phase};dur=[\\d.]+`));
  }
});

Deno.test("embeddings as base64, the openai client's default, arrive, and are charged once for an idempotency key", async () => {
  const vector = new Float32Array([0.25, -1.5, 3]);
  await using vendor = await startVendor(({ body }) => {
    equal(body.encoding_format, "base64");
    const embedding = new Uint8Array(vector.buffer).toBase64();
    const usage = { prompt_tokens: 3, total_tokens: 3 };
    return Response.json({
      object: "list",
      data: [{ object: "embedding", index: 0, embedding }],
      usage,
    });
  }, "embedding");
  const ann = await signUp("ann");
  const headers = { "idempotency-key": crypto.randomUUID() };
  const ask = (input: string) =>
    ann.openai.embeddings.create({ model: vendor.model, input }, { headers });
  for (const answer of [await ask("one"), await ask("one")]) {
    deepEqual(answer.data[0]?.embedding, [...vector]);
    equal(answer.usage.total_tokens, 3);
  }
  equal(vendor.upstream.received.length, 1);
  await rejects(ask("two"), (error) => error instanceof OpenAI.UnprocessableEntityError);
  await rejects(
    ann.openai.embeddings.create({ model: vendor.model, input: [] }),
    (error) => error instanceof OpenAI.BadRequestError,
  );
});

Deno.test("embeddings are a turn like chat, with usage, cost and errors", async () => {
  await using vendor = await startVendor(
    ({ body }) =>
      Response.json({
        object: "list",
        data: body.input.map((_text: string, index: number) => ({
          object: "embedding",
          index,
          embedding: [index, 0.5],
        })),
        model: "vendor-embedding",
        usage: { prompt_tokens: 6, total_tokens: 6 },
      }),
    "embedding",
  );
  const ann = await signUp("ann");
  const { data: answer, request_id } = await ann.openai.embeddings.create({
    model: vendor.model,
    input: ["one", "two"],
    encoding_format: "float",
  }).withResponse();
  deepEqual(answer.data.map(({ embedding }) => embedding), [[0, 0.5], [1, 0.5]]);
  equal(vendor.upstream.received[0]?.path, "/v1/embeddings");
  const row = await ledgerOf(ann, request_id);
  deepEqual(
    [row.source, row.input_tokens, row.output_tokens, row.session_id, row.turn_state],
    ["embedding", 6, 0, null, "succeeded"],
  );
  const { count } = await ann.supabase.from("chat_messages")
    .select("id", { count: "exact", head: true });
  equal(count, 0, "what was embedded is not kept");
  await rejects(
    ann.openai.chat.completions.create({ model: vendor.model, messages: say("Hello.") }),
    (error) => {
      ok(error instanceof OpenAI.BadRequestError);
      equal(error.code, "agent_cannot_chat");
      return true;
    },
  );
});
