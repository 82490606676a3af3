import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, streamText } from "ai";
import OpenAI from "openai";
import { createAccessKeySecret } from "../../functions/_shared/auth/access_key.ts";
import { createAccessKeyGuard } from "../../functions/_shared/auth/access_key_guard.ts";
import { createAuthenticate } from "../../functions/_shared/auth/person.ts";
import { acceptAccessKeys } from "../../functions/_shared/auth/caller.ts";
import { dataApi } from "../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../functions/_shared/database/sql_caller.ts";
import { parseEnv } from "../../functions/_shared/core/env.ts";
import { modelsDatabase } from "../../functions/_shared/gateway/model_list.ts";
import { handleModels } from "../../functions/models/handler.ts";
import { askAccessKeys, makeKey, rotateKey } from "./support/access_keys.ts";
import {
  eventually,
  openaiWith,
  openDatabase,
  type Person,
  signIn,
  signUp,
  stack,
} from "./support/stack.ts";
import { startVendor } from "./support/vendor.ts";
import {
  chunk,
  completion,
  data,
  stream,
  usageChunk,
} from "../functions/support/upstream_server.ts";

const MODEL = "gemini-1.5-flash";
const hello = [{ role: "user" as const, content: "Hello." }];
const ask = (key: string, model = MODEL) =>
  openaiWith(key).chat.completions.create({ model, messages: hello });

/** A refusal that the openai client reports as this class. */
const refusedAs =
  (type: new (...given: never[]) => Error, status: number, code: string) => (error: unknown) => {
    ok(error instanceof OpenAI.APIError, String(error));
    ok(error instanceof type, `${error.constructor.name}: ${error.message}`);
    deepEqual([error.status, error.code], [status, code]);
    return true;
  };
const unauthorized = (code: string) => refusedAs(OpenAI.AuthenticationError, 401, code);
const forbidden = (code: string) => refusedAs(OpenAI.PermissionDeniedError, 403, code);

Deno.test("a program chats, embeds and lists with the openai client and an access key", async () => {
  const ann = await signUp("ann");
  const { secret, id, ...rest } = await makeKey(ann);
  const began = Date.now();
  match(secret, /^agb_[A-Za-z0-9_-]{43}$/);
  deepEqual([rest.prefix, rest.last_four], [secret.slice(0, 8), secret.slice(-4)]);
  const openai = new OpenAI({ apiKey: secret, baseURL: stack.FUNCTIONS_URL, maxRetries: 0 });

  const { data: answer, response } = await openai.chat.completions
    .create({ model: MODEL, messages: hello }).withResponse();
  match(answer.choices[0]?.message.content ?? "", /You said: "Hello\."/);
  const session = response.headers.get("x-session-id")!;
  const more = await openai.chat.completions.create(
    { model: MODEL, messages: [{ role: "user", content: "And now?" }], stream: true },
    { headers: { "x-session-id": session } },
  );
  let text = "";
  for await (const part of more) text += part.choices[0]?.delta.content ?? "";
  match(text, /2 earlier messages/);
  ok((await openai.models.list()).data.length >= 7);
  await using vendor = await startVendor(
    () =>
      Response.json({
        object: "list",
        model: "m",
        data: [{ object: "embedding", index: 0, embedding: [0.5, -0.25] }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
      }),
    "embedding",
  );
  const vectors = await openai.embeddings.create({ model: vendor.model, input: "hello" });
  deepEqual(vectors.data[0]?.embedding, [0.5, -0.25]);

  // These calls count as Ann's, and she sees their cost by key.
  const { data: ledger } = await ann.supabase.from("ai_interactions")
    .select("source, turn_state, user_id, organization_id, access_keys(id, name)")
    .eq("access_key_id", id).order("started_at");
  deepEqual(
    ledger,
    ["chat", "chat", "embedding"].map((source) => ({
      source,
      turn_state: "succeeded",
      user_id: ann.id,
      organization_id: rest.organization_id,
      access_keys: { id, name: "A test" },
    })),
  );
  const { data: sessions } = await ann.supabase.from("chat_sessions").select("session_id");
  deepEqual(sessions, [{ session_id: session }]);
  const { data: key } = await ann.supabase.from("access_keys").select("last_used_at").single();
  ok(Date.parse(key?.last_used_at) >= began, key?.last_used_at);
});

Deno.test("a program chats, embeds and lists with the AI SDK and an access key", async () => {
  const ann = await signUp("ann");
  const { secret } = await makeKey(ann);
  const provider = (apiKey: string) =>
    createOpenAICompatible({
      name: "agentbase",
      baseURL: stack.FUNCTIONS_URL,
      apiKey,
      includeUsage: true,
    })(MODEL);
  const result = streamText({ model: provider(secret), prompt: "Hello from the AI SDK." });
  match(await result.text, /You said: "Hello from the AI SDK\."/);
  ok((await result.usage).outputTokens);

  const unknown = `${secret.slice(0, 10)}AAAA${secret.slice(14)}`;
  const error = await generateText({ model: provider(unknown), prompt: "Hi.", maxRetries: 0 })
    .catch((thrown) => thrown);
  ok(APICallError.isInstance(error), String(error));
  deepEqual([error.statusCode, error.isRetryable], [401, false]);
  match(error.message, /This access key does not exist/);
});

Deno.test("a revoked key is refused at its next request, and a running stream is finished", async () => {
  const ann = await signUp("ann");
  const { secret, id } = await makeKey(ann);
  const revoked = Promise.withResolvers<void>();
  await using vendor = await startVendor(({ body }) =>
    body.stream
      ? stream(
        chunk({ role: "assistant", content: "Going " }),
        () => revoked.promise,
        chunk({ content: "on." }, { finish_reason: "stop" }),
        usageChunk(11, 7),
        data("[DONE]"),
      )
      : completion("hi")
  );
  const { data: running, request_id } = await openaiWith(secret).chat.completions
    .create({ model: vendor.model, messages: hello, stream: true }).withResponse();
  const parts = running[Symbol.asyncIterator]();
  equal((await parts.next()).value?.choices[0]?.delta.content, "Going ");

  const { error } = await ann.supabase.rpc("revoke_access_key", { access_key_id: id });
  equal(error, null);
  await rejects(ask(secret), unauthorized("access_key_revoked"));
  await rejects(openaiWith(secret).models.list(), unauthorized("access_key_revoked"));
  revoked.resolve();
  let rest = "";
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    rest += next.value.choices[0]?.delta.content ?? "";
  }
  equal(rest, "on.");
  const { data: turns } = await ann.supabase.from("ai_interactions")
    .select("request_id, turn_state, output_tokens").eq("access_key_id", id);
  deepEqual(turns, [{ request_id, turn_state: "succeeded", output_tokens: 7 }]);
});

Deno.test("a replaced secret works during its grace period, and the new one at once", async () => {
  const ann = await signUp("ann");
  const first = await makeKey(ann);
  const second = await rotateKey(ann, first.id, { grace_seconds: 2 });
  equal(second.id, first.id);
  ok(second.secret !== first.secret);
  await ask(second.secret);
  await ask(first.secret);
  const refusal = await eventually(
    () => ask(first.secret).then(() => null, (error) => error.code as string),
    (code) => code !== null,
  );
  equal(refusal, "access_key_replaced");
  const third = await rotateKey(ann, first.id, { grace_seconds: 0 });
  await rejects(ask(second.secret), unauthorized("access_key_replaced"));
  await ask(third.secret);
  const { data: events } = await ann.supabase.from("access_key_events")
    .select("event, actor_id").order("created_at");
  deepEqual(
    events,
    ["created", "rotated", "rotated"].map((event) => ({ event, actor_id: ann.id })),
  );
});

Deno.test("a key may use its scopes, and is told which scope a request lacks", async () => {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const [droid] = await database.sql`select id from public.agents where name = 'droid'`;
  const key = await makeKey(ann, {
    scopes: ["chat", "models"],
    agent_ids: [droid!.id],
    expires_at: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const openai = openaiWith(key.secret);
  const ids = (await openai.models.list()).data.map(({ id }) => id);
  ok(ids.length > 0 && ids.every((id) => id.startsWith("droid/")), ids.join());
  await ask(key.secret, "droid/gpt-4o");
  const notFound = refusedAs(OpenAI.NotFoundError, 404, "model_not_found");
  await rejects(ask(key.secret, MODEL), notFound);
  await rejects(openai.models.retrieve(`ccrouter/${MODEL}`), notFound);
  await rejects(
    openai.embeddings.create({ model: "droid/gpt-4o", input: "hello" }),
    forbidden("access_key_scope_missing"),
  );

  const change = (values: object) =>
    ann.supabase.from("access_keys").update(values).eq("id", key.id);
  equal((await change({ scopes: ["models"] })).error, null);
  await rejects(ask(key.secret, "droid/gpt-4o"), forbidden("access_key_scope_missing"));
  await change({ scopes: ["chat"], expires_at: new Date(Date.now() - 1_000).toISOString() });
  await rejects(ask(key.secret, "droid/gpt-4o"), unauthorized("access_key_expired"));
  await change({ expires_at: null });
  await ask(key.secret, "droid/gpt-4o");
});

Deno.test("a key's budget is refused with 402, its rate limit with 429", async () => {
  const ann = await signUp("ann");
  const poor = await makeKey(ann, { budget: { limit_usd: "0.0000001", period: "month" } });
  await rejects(ask(poor.secret), (error: unknown) => {
    ok(error instanceof OpenAI.APIError);
    deepEqual([error.status, error.code], [402, "budget_exceeded"]);
    // SAFETY: the envelope of our errors.
    const details = error.error as Record<string, unknown>;
    deepEqual(
      [details.budget_scope, details.period, details.limit],
      ["access_key", "month", "0.0000001"],
    );
    return true;
  });
  const { error } = await ann.supabase.from("budgets").update({ limit_usd: 1 })
    .eq("access_key_id", poor.id);
  equal(error, null, "its owner set it and may raise it");
  await ask(poor.secret);

  const slow = await makeKey(ann, { requests_per_minute: 2 });
  // With Redis, the first call is counted in Postgres, which then reports the limit.
  const refusals: unknown[] = [];
  for (let i = 0; i < 4 && refusals.length === 0; i++) {
    await openaiWith(slow.secret).chat.completions.create({ model: MODEL, messages: hello })
      .withResponse()
      .then(({ response }) => equal(response.headers.get("x-ratelimit-limit-requests"), "2"))
      .catch((thrown) => refusals.push(thrown));
  }
  refusedAs(OpenAI.RateLimitError, 429, "rate_limit_exceeded")(refusals[0]);
  await rejects(
    openaiWith(slow.secret).models.list(),
    refusedAs(OpenAI.RateLimitError, 429, "rate_limit_exceeded"),
  );
  await ask(poor.secret);
});

Deno.test("the five users may manage a key of Acme according to their roles", async () => {
  const [alice, bob, carol, dave, eve] = await Promise.all(
    ["alice", "bob", "carol", "dave", "eve"].map(signIn),
  ) as [Person, Person, Person, Person, Person];
  const acme = "00000000-0000-4000-8000-0000000000ac";
  const key = await makeKey(carol, { organization_id: acme, name: "Carol's" });
  const sees = async ({ supabase }: Person) => {
    const { data, error } = await supabase.from("access_keys").select("name").eq("id", key.id);
    equal(error, null);
    return data?.length === 1;
  };
  const people = [alice, bob, carol, dave, eve];
  deepEqual(await Promise.all(people.map(sees)), [true, true, true, false, false]);
  const renames = async ({ supabase }: Person) => {
    const { data } = await supabase.from("access_keys").update({ name: "Ours" }).eq("id", key.id)
      .select("id");
    return data?.length === 1;
  };
  deepEqual(await Promise.all(people.map(renames)), [true, true, true, false, false]);
  // Only the owner gets a new secret, since its holder could continue the owner's conversations.
  const rotates = async (person: Person) =>
    (await askAccessKeys(person.accessToken, `/${key.id}/rotate`, { grace_seconds: 60 })).status;
  deepEqual(await Promise.all(people.map(rotates)), [404, 404, 200, 404, 404]);
  const makes = async (person: Person) => {
    const wanted = { name: "Mine", organization_id: acme, expires_at: inAnHour() };
    return (await askAccessKeys(person.accessToken, "", wanted)).status;
  };
  deepEqual(await Promise.all(people.map(makes)), [201, 201, 201, 404, 404]);
  const unknown = await askAccessKeys(eve.accessToken, `/${crypto.randomUUID()}/rotate`, {});
  const carols = await askAccessKeys(eve.accessToken, `/${key.id}/rotate`, {});
  deepEqual(await carols.json(), await unknown.json(), "a stranger's is as if it were not");

  for (const { supabase } of [dave, eve]) {
    const { error } = await supabase.rpc("revoke_access_key", { access_key_id: key.id });
    equal(error?.details, "access_key_not_found");
  }
  await ask(key.secret);
  const { error } = await bob.supabase.rpc("revoke_access_key", { access_key_id: key.id });
  equal(error, null);
  await rejects(ask(key.secret), unauthorized("access_key_revoked"));
  const { data: events } = await alice.supabase.from("access_key_events")
    .select("event, actor_id").eq("access_key_id", key.id).eq("event", "revoked");
  deepEqual(events, [{ event: "revoked", actor_id: bob.id }]);
});

Deno.test("an access key is accepted by the endpoints of its scopes only", async () => {
  const ann = await signUp("ann");
  const { secret, id } = await makeKey(ann);
  for (const path of ["", `/${id}/rotate`]) {
    const response = await askAccessKeys(secret, path, { name: "Another" });
    equal(response.status, 403);
    equal((await response.json()).error.code, "access_key_not_accepted");
  }
  const rest = await fetch(`${stack.API_URL}/rest/v1/access_keys`, {
    headers: { apikey: stack.PUBLISHABLE_KEY, authorization: `Bearer ${secret}` },
  });
  ok(rest.status === 401 || rest.status === 403, `${rest.status}`);
  await rest.body?.cancel();
  const user = await fetch(`${stack.API_URL}/auth/v1/user`, {
    headers: { apikey: stack.PUBLISHABLE_KEY, authorization: `Bearer ${secret}` },
  });
  ok(user.status >= 400 && user.status < 500, `${user.status}`);
  await user.body?.cancel();
});

/** The list of models of a host whose proxy reports this address. */
function modelsFrom(address: string, handle: (request: Request) => Promise<Response>) {
  return (apiKey: string) =>
    new OpenAI({
      baseURL: "http://127.0.0.1",
      apiKey,
      maxRetries: 0,
      defaultHeaders: { "cf-connecting-ip": address },
      fetch: (url, init) => handle(new Request(url, init)),
    }).models.list();
}

Deno.test("an address that tries unknown keys is refused, and a working key is not", async () => {
  const env = parseEnv({
    SUPABASE_URL: stack.API_URL,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.SECRET_KEY }),
  });
  const database = modelsDatabase(createSqlCaller(dataApi(env, fetch)));
  const guard = createAccessKeyGuard({ now: Date.now });
  const handle = (request: Request) =>
    handleModels(request, {
      now: Date.now,
      log: () => {},
      authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
      limiter: { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} },
      database: {
        listModels: (caller, rateLimit, model) =>
          guard.ask(caller, () => database.listModels(caller, rateLimit, model)),
      },
    });
  const [list, elsewhere] = [modelsFrom("192.0.2.77", handle), modelsFrom("192.0.2.78", handle)];

  const ann = await signUp("ann");
  const { secret } = await makeKey(ann);
  const { secret: unseen } = await makeKey(ann);
  await list(secret);
  const codes: unknown[] = [];
  for (let i = 0; i < 22; i++) {
    const { secret: guess } = await createAccessKeySecret();
    await list(guess).catch(({ status, code }) => codes.push([status, code]));
  }
  deepEqual(codes[0], [401, "invalid_api_key"]);
  deepEqual(codes[19], [401, "invalid_api_key"]);
  deepEqual(codes.slice(20), Array(2).fill([429, "too_many_unknown_keys"]));
  await list(secret);
  await rejects(list(unseen), refusedAs(OpenAI.RateLimitError, 429, "too_many_unknown_keys"));
  await elsewhere(unseen);
  await list(unseen);
});

function inAnHour(): string {
  return new Date(Date.now() + 3_600_000).toISOString();
}
