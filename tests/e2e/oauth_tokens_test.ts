import { deepEqual, equal, ok } from "node:assert/strict";
import { oauthDatabase } from "../../functions/oauth-tokens/db.ts";
import { oauthIsolate, testKeyring } from "../functions/support/oauth_fixture.ts";
import { CLIENT } from "../functions/support/oauth_server.ts";
import { directCaller } from "./support/direct_caller.ts";
import { logEverything } from "./support/log_everything.ts";
import { findInFiles, findInRedis, findInTables, formsOf } from "./support/marks.ts";
import { type OwnProvider, PROVIDER, startProvider } from "./support/oauth_provider.ts";
import { type Person, signUp, stack } from "./support/stack.ts";

/** Calls a function through supabase-js, and returns its answer. */
async function invoke(
  person: Person,
  path: string,
  method: "GET" | "POST" | "DELETE",
  body?: object,
) {
  const { data, error, response } = await person.supabase.functions.invoke(path, {
    method,
    ...body ? { body } : {},
    headers: { authorization: `Bearer ${person.accessToken}` },
  });
  const answer = error ? await response!.json() : data;
  return { status: response!.status, answer };
}

const store = (person: Person, grant: object) =>
  invoke(person, "oauth-tokens", "POST", { provider: PROVIDER, ...grant });
const take = (person: Person) => invoke(person, `oauth-tokens/${PROVIDER}`, "GET");

Deno.test("supabase-js stores tokens, gets refreshed ones, reads their status, and deletes them", async () => {
  await using provider = await startProvider();
  const ann = await signUp("ann");
  const grant = provider.server.signIn(3600);
  const stored = await store(ann, grant);
  equal(stored.status, 201);

  const first = await take(ann);
  deepEqual([first.status, first.answer.access_token], [200, grant.access_token]);
  await provider.makeDue(ann.id);
  const second = await take(ann);
  ok(second.answer.access_token !== grant.access_token);
  ok(provider.server.accepts(second.answer.access_token));
  equal((await take(ann)).answer.access_token, second.answer.access_token);
  equal(provider.server.refreshes, 1);

  const { data: session } = await ann.supabase.from("mcp_sessions")
    .select("session_id, oauth_provider, oauth_status").single();
  deepEqual(session, {
    session_id: stored.answer.session_id,
    oauth_provider: PROVIDER,
    oauth_status: "connected",
  });
  const { answer: list } = await invoke(ann, "oauth-tokens", "GET");
  const listed = list.data.find((one: { provider: string }) => one.provider === PROVIDER);
  deepEqual([listed.status, listed.refreshable], ["connected", true]);

  equal((await invoke(ann, `oauth-tokens/${PROVIDER}`, "DELETE")).status, 200);
  deepEqual((await ann.supabase.from("mcp_sessions").select("session_id")).data, []);
  equal((await take(ann)).status, 404);
});

/** Asserts what a user whose sign-in has ended sees, and that a new sign-in helps. */
async function assertSignInIsAskedFor(provider: OwnProvider, ann: Person): Promise<void> {
  for (let time = 0; time < 2; time++) {
    const { status, answer } = await take(ann);
    deepEqual([status, answer.error.code], [403, "needs_reauth"]);
  }
  const { data: notes } = await ann.supabase.from("notifications").select("type, title, priority")
    .like("type", "oauth%");
  deepEqual(notes, [{ type: "oauth_needs_reauth", title: "Connect E2E again", priority: "high" }]);
  const { data: session } = await ann.supabase.from("mcp_sessions").select("oauth_status").single();
  equal(session?.oauth_status, "needs_reauth");

  await store(ann, provider.server.signIn(3600));
  equal((await take(ann)).status, 200);
}

Deno.test("a user is notified once of a sign-in that the provider ended", async () => {
  await using provider = await startProvider();
  const ann = await signUp("ann");
  const grant = provider.server.signIn(3600);
  await store(ann, grant);
  provider.server.revoke(grant);
  await provider.makeDue(ann.id, -1);
  await assertSignInIsAskedFor(provider, ann);
});

for (const seconds of [3600, -1]) {
  Deno.test(`a user is notified once of damaged tokens, ${seconds} s before they expire`, async () => {
    await using provider = await startProvider();
    const ann = await signUp("ann");
    await store(ann, provider.server.signIn(3600));
    await provider.makeDue(ann.id, seconds);
    await provider.sql`
      update public.mcp_sessions
      set oauth_data = jsonb_build_object('ciphertext', left(oauth_data ->> 'ciphertext', -5) || 'AAAAA')
      where user_id = ${ann.id}`;
    await assertSignInIsAskedFor(provider, ann);
    equal(provider.server.requests, 0);
  });
}

Deno.test("no request reaches another user's tokens", async () => {
  await using provider = await startProvider();
  const [ann, bob] = [await signUp("ann"), await signUp("bob")];
  await store(ann, provider.server.signIn(3600));
  const others = await take(bob);
  const missing = await invoke(bob, "oauth-tokens/no_such_provider", "GET");
  deepEqual([others.status, others.answer], [404, missing.answer], "another's reads as missing");
  equal((await invoke(bob, `oauth-tokens/${PROVIDER}`, "DELETE")).status, 404);
  deepEqual((await bob.supabase.from("mcp_sessions").select("session_id")).data, []);

  for (const person of [ann, bob]) {
    const attempts = [
      person.supabase.from("mcp_sessions").select("oauth_data"),
      person.supabase.from("mcp_sessions").select("*"),
      person.supabase.from("mcp_sessions").select("session_id").filter(
        "oauth_data->>ciphertext",
        "like",
        "v1*",
      ),
      person.supabase.from("mcp_sessions").select("session_id").order("oauth_data"),
      person.supabase.from("oauth_providers").select("id, mcp_sessions(oauth_data)"),
      person.supabase.from("profiles").select("id, mcp_sessions(oauth_data)"),
      person.supabase.from("mcp_sessions").update({ mcp_state: {} }).eq("user_id", ann.id)
        .select("oauth_data"),
      person.supabase.rpc("take_oauth_token", {
        caller: { user_id: ann.id },
        provider: PROVIDER,
        claimant: crypto.randomUUID(),
      }),
    ];
    for (const attempt of attempts) {
      const { data, error } = await attempt;
      equal(data, null);
      equal(error?.code, "42501", JSON.stringify(error));
    }
  }
});

Deno.test("ten requests at once from five isolates cause one refresh, in each of 100 rounds", async () => {
  await using provider = await startProvider();
  const { server } = provider;
  await using direct = directCaller(10);
  const ann = await signUp("ann");
  const keyring = testKeyring();
  const isolates = Array.from({ length: 5 }, () =>
    oauthIsolate({
      keyring,
      database: oauthDatabase(direct.call),
      variables: new Map([
        ["E2E_PROVIDER_OAUTH_CLIENT_ID", CLIENT.id],
        ["E2E_PROVIDER_OAUTH_CLIENT_SECRET", CLIENT.secret],
      ]),
    }));
  // This test is not about the rate limit.
  const forget = () =>
    provider.sql`delete from private.rate_limits where key = ${`oauth_tokens:${ann.id}`}`;
  const body = { provider: PROVIDER, ...server.signIn(30) };
  equal((await isolates[0]!.ask("POST", "/oauth-tokens", body, ann.id)).status, 201);

  for (let round = 1; round <= 100; round++) {
    await provider.makeDue(ann.id, round % 2 === 0 ? 30 : -30);
    await forget();
    const tokens = await Promise.all(Array.from({ length: 10 }, async (_, index) => {
      const isolate = isolates[index % isolates.length]!;
      const response = await isolate.ask("GET", `/oauth-tokens/${PROVIDER}`, undefined, ann.id);
      const answer = await response.json();
      equal(response.status, 200, JSON.stringify(answer));
      return answer.access_token;
    }));
    equal(new Set(tokens).size, 1, `round ${round}: all get the same token`);
    ok(server.accepts(tokens[0]));
    deepEqual([server.refreshes, server.requests], [round, round], "one refresh for each round");
  }
  equal(server.reuses, 0);
});

Deno.test("a caller above the rate limit gets a 429 with retry-after", async () => {
  await using provider = await startProvider();
  const ann = await signUp("ann");
  await store(ann, provider.server.signIn(3600));
  await provider.sql`
    insert into private.rate_limits (key, empty_at)
    values (${`oauth_tokens:${ann.id}`}, now() + interval '1 minute')
    on conflict (key) do update set empty_at = excluded.empty_at`;
  const response = await fetch(`${stack.FUNCTIONS_URL}/oauth-tokens/${PROVIDER}`, {
    headers: { authorization: `Bearer ${ann.accessToken}` },
  });
  equal(response.status, 429);
  ok(Number(response.headers.get("retry-after-ms")) > 0);
  equal((await response.json()).error.code, "rate_limit_exceeded");
});

Deno.test("no token appears in a table, a file, the write-ahead log or Redis, in any encoding", async () => {
  const mark = `m/${crypto.randomUUID()}~k`;
  await using provider = await startProvider(mark);
  const { server, sql } = provider;
  const ann = await signUp("ann");
  const folder = Deno.env.get("STACK_DIR");
  ok(folder, "STACK_DIR says where the stack under test keeps its files");
  await using _logging = await logEverything(folder);

  // Goes through everything that can happen to a token.
  await store(ann, server.signIn(3600));
  await take(ann);
  await provider.makeDue(ann.id);
  await take(ann);
  const faults = [
    () => new Response(`<p>${mark}`, { status: 500 }),
    () => Response.json({ error: mark, error_description: mark }, { status: 400 }),
    () => new Response(null, { status: 302, headers: { location: `http://127.0.0.1:1/${mark}` } }),
  ];
  for (const fault of faults) {
    server.fault = fault;
    await provider.makeDue(ann.id, -1);
    equal((await take(ann)).status, 503);
  }
  server.fault = "lost";
  await provider.makeDue(ann.id, -1);
  equal((await take(ann)).status, 503);
  server.fault = null;
  await provider.makeDue(ann.id, -1);
  equal((await take(ann)).status, 403);
  await store(ann, { ...server.signIn(30), scope: 5 });
  await store(ann, { ...server.signIn(30), refresh_token: `${mark} ${mark}` });
  await store(ann, { ...server.signIn(3600), provider: "no_such_provider" });
  await store(ann, server.signIn(3600));
  equal((await take(ann)).status, 200);

  // The files first, since the search itself may write the marks to them.
  deepEqual(await findInFiles(folder, [mark]), []);
  const [row] = await sql`
    select oauth_data ->> 'ciphertext' as blob from public.mcp_sessions where user_id = ${ann.id}`;
  // Only a part of the blob: the write-ahead log omits what a row shares with its previous version.
  const files = await findInFiles(folder, [row!.blob.split(":").at(-1).slice(10, 40)]);
  for (const place of [/pg_wal/, /postgres-\w+\.log$/]) {
    ok(files.some((file) => place.test(file)), `a search that finds: ${files.join()}`);
  }
  deepEqual(await findInTables(sql, [mark]), []);
  for (const form of formsOf(mark)) {
    await sql`create table public.planted_mark as select ${form}::text as note`;
    const found = await findInTables(sql, [mark]);
    await sql`drop table public.planted_mark`;
    deepEqual(found, ["public.planted_mark"], "a search that finds");
  }

  const [url, token] = ["URL", "TOKEN"].map((name) => Deno.env.get(`UPSTASH_REDIS_REST_${name}`));
  if (url && token) {
    const { searched, found } = await findInRedis({ url, token }, [mark]);
    ok(searched > 0);
    deepEqual(found, []);
  }
});
