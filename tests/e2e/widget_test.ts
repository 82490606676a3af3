import { deepEqual, equal, match, ok } from "node:assert/strict";
import type postgres from "postgres";
import { sha256Hex } from "../../functions/_shared/core/hash.ts";
import { publishAgent } from "../browser/support/widget_site.ts";
import { signIdentity } from "../functions/support/identity_signature.ts";
import {
  chunk,
  data,
  startUpstream,
  stream,
  usageChunk,
} from "../functions/support/upstream_server.ts";
import { connect, subscribe } from "./support/realtime.ts";
import { eventually, openDatabase, signIn, signUp, stack } from "./support/stack.ts";

const A = "https://a.example";
const B = "https://b.example";

/** A visitor of a widget. */
interface Visit {
  key: string;
  origin: string;
  token: string;
}

const say = (message: string) => JSON.stringify({ message, stream: false });

function ask(
  { key, origin, token }: Partial<Visit>,
  path = "messages",
  request: RequestInit = {},
): Promise<Response> {
  const headers = new Headers(request.headers);
  if (origin !== undefined && !headers.has("origin")) headers.set("origin", origin);
  if (token !== undefined && !headers.has("authorization")) {
    headers.set("authorization", `Bearer ${token}`);
  }
  headers.set("idempotency-key", crypto.randomUUID());
  return fetch(`${stack.FUNCTIONS_URL}/widget/${key}/${path}`, { ...request, headers });
}

async function answerOf(response: Response): Promise<[number, string]> {
  const body = await response.json();
  return [response.status, body.error?.code ?? body.content];
}

/** The status of an answer that was streamed, and its text. */
async function streamedOf(response: Response): Promise<[number, string]> {
  const lines = (await response.text()).split("\n").filter((line) => line.startsWith("data: "));
  const events = lines.map((line) => JSON.parse(line.slice("data: ".length)));
  equal(events.at(-1)?.type, "done", lines.join());
  return [response.status, events.map(({ text = "" }) => text).join("")];
}

/** Begins a session whose ticket came from an address of its own. */
async function visit(sql: postgres.Sql, key: string, origin: string): Promise<Visit> {
  const ticket = `wtk_${crypto.randomUUID().replaceAll("-", "")}ABCDEFGHIJK`;
  const octet = () => Math.floor(Math.random() * 250);
  const page = { key, origin, address: `10.${octet()}.${octet()}.${octet()}` };
  await sql`select public.create_widget_ticket(${sql.json(page)}, ${await sha256Hex(ticket)})`;
  const response = await ask({ key, origin }, "sessions", {
    method: "POST",
    body: JSON.stringify({ ticket }),
  });
  const { token } = await response.json();
  return { key, origin, token };
}

/** An unsigned JSON Web Token with a header, and claims that would give a visitor more rights. */
function forged(header: object): string {
  const part = (value: object) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const claims = { role: "service_role", sub: crypto.randomUUID(), exp: 4102444800 };
  return `${part({ typ: "JWT", ...header })}.${part(claims)}`;
}

/** Echoes what it is told, in words. */
function startEcho() {
  return startUpstream(({ body: { messages, stream: isStream } }) => {
    const content = `You said ${messages.at(-1).content}.`;
    const usage = { prompt_tokens: 20, completion_tokens: 400, total_tokens: 420 };
    if (isStream) {
      return stream(
        ...content.split(/(?= )/).map((content) => chunk({ role: "assistant", content })),
        chunk({}, { finish_reason: "stop" }),
        usageChunk(20, 400),
        data("[DONE]"),
      );
    }
    return Response.json({
      id: "x",
      choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }],
      usage,
    });
  });
}

/** Two agents of carol, each with a widget for two sites, and a plan that is not what limits them. */
async function prepare(sql: postgres.Sql, upstream: { baseUrl: string }) {
  await sql`update public.organizations set plan = 'enterprise'
    where is_personal and created_by = (select id from auth.users where email = 'carol@example.com')`;
  // The tickets of an earlier run in this minute, which came from the same address as these.
  await sql`delete from private.rate_limits
    where key in (
      private.address_key('widget-ticket', '127.0.0.1'), private.address_key('widget-ticket', '::1')
    )`;
  const limits = { address_messages_per_minute: 600, site_messages_per_minute: 6000 };
  const make = async () => {
    const made = await publishAgent(sql, upstream.baseUrl, [A, B]);
    await sql`update public.widgets set ${sql(limits)} where key = ${made.key}`;
    return made;
  };
  return { one: await make(), two: await make() };
}

/** All operations of the functions that require authentication, except for those of visitors. */
async function otherDoors(): Promise<{ method: string; path: string }[]> {
  const file = new URL("../../docs/openapi.json", import.meta.url);
  const described: { paths: Record<string, Record<string, { security?: object[] }>> } = JSON.parse(
    await Deno.readTextFile(file),
  );
  const doors = Object.entries(described.paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, { security }]) =>
        security?.length && !JSON.stringify(security).includes("visitor")
      )
      .map(([method]) => ({ method: method.toUpperCase(), path }))
  );
  ok(doors.length > 35, `${doors.length}`);
  return doors;
}

Deno.test("no page, token or ticket of another kind is let in to a visitor's session", async () => {
  await using upstream = startEcho();
  await using database = openDatabase();
  const { sql } = database;
  const { one, two } = await prepare(sql, upstream);
  const [mine, onB, ofTwo] = [
    await visit(sql, one.key, A),
    await visit(sql, one.key, B),
    await visit(sql, two.key, A),
  ];
  const person = await signUp("ann");
  const ticket = async () =>
    (await (await ask({ key: one.key, origin: A }, "tickets", { method: "POST" })).json()).ticket;
  const used = await ticket();
  const exchange = (key: string, origin: string, ticket: string) =>
    ask({ key, origin }, "sessions", { method: "POST", body: JSON.stringify({ ticket }) });
  equal((await exchange(one.key, A, used)).status, 201);
  const old = await ticket();
  await sql`update private.widget_tickets set expires_at = now() where token_hash = ${await sha256Hex(
    old,
  )}`;
  const expired = async () => {
    const visitor = await visit(sql, one.key, A);
    await sql`update private.visitor_sessions set expires_at = now()
      where token_hash = ${await sha256Hex(visitor.token)}`;
    return visitor;
  };

  const post = { method: "POST", body: say("Hi") };
  const changed = mine.token.slice(0, -1) + (mine.token.endsWith("A") ? "E" : "A");
  const origin = (value: string) => ask({ ...mine, origin: value }, "messages", post);
  const bearer = (value: string) =>
    ask(mine, "messages", { ...post, headers: { authorization: value } });
  const body = (value: object) =>
    ask(mine, "messages", { method: "POST", body: JSON.stringify({ message: "Hi", ...value }) });
  const bad = "origin_not_allowed";
  const alien = "visitor_token_not_valid";
  const tricks: [name: string, response: Promise<Response>, status: number, code: string][] = [
    ["no origin", ask({ ...mine, origin: undefined }, "messages", post), 403, bad],
    ["a sandboxed frame", origin("null"), 403, bad],
    ["a file", origin("file://"), 403, bad],
    ["a star", origin("*"), 403, bad],
    ["http", origin("http://a.example"), 401, alien],
    ["another port", origin("https://a.example:8443"), 401, alien],
    ["the default port", origin("https://a.example:443"), 403, bad],
    ["a subdomain", origin("https://www.a.example"), 401, alien],
    ["a longer name", origin("https://evila.example"), 401, alien],
    ["a name that begins so", origin("https://a.example.evil.test"), 401, alien],
    ["a user name", origin("https://a.example@evil.test"), 403, bad],
    ["a path", origin("https://a.example/"), 403, bad],
    ["upper case", origin("HTTPS://A.EXAMPLE"), 403, bad],
    ["a list", origin(`${A}, https://evil.test`), 403, bad],
    ["a trailing dot", origin("https://a.example."), 401, alien],
    ["a name in Punycode that looks like it", origin("https://xn--exmple-cua.example"), 401, alien],
    ["an escaped name", origin("https://a%2eexample"), 403, bad],
    ["an escaped end", origin("https://a.example%00.evil.test"), 403, bad],
    ["a backslash", origin("https://a.example\\.evil.test"), 403, bad],
    ["a query", origin("https://a.example?x"), 403, bad],
    ["a fragment", origin("https://a.example#x"), 403, bad],
    ["a host alone", origin("a.example"), 403, bad],
    ["data", origin("data:text/html,x"), 403, bad],
    ["a blob", origin(`blob:${A}/0`), 403, bad],
    ["an extension", origin("chrome-extension://a.example"), 403, bad],
    ["an IPv6 address", origin("http://[::1]:5173"), 401, alien],
    ["an IPv4 address", origin("http://127.0.0.1"), 401, alien],
    ["an empty origin", origin(""), 403, bad],
    ["a user name and a password", origin("https://a.example:x@evil.test"), 403, bad],
    ["a name that ends so", origin("https://evil-a.example"), 401, alien],
    ["a mapped IPv6 address", origin("http://[::ffff:127.0.0.1]"), 403, bad],
    ["an address as one number", origin("http://2130706433"), 403, bad],
    ["two slashes missing", origin("https:a.example"), 403, bad],
    ["a web socket", origin("wss://a.example"), 403, bad],
    [
      "a referer in place of an origin",
      ask({ ...mine, origin: undefined }, "messages", { ...post, headers: { referer: `${A}/` } }),
      403,
      bad,
    ],
    [
      "a forwarded host",
      ask({ ...mine, origin: "https://evil.test" }, "messages", {
        ...post,
        headers: { "x-forwarded-host": "a.example", "x-forwarded-for": "127.0.0.1" },
      }),
      401,
      alien,
    ],
    [
      "a foreign page without a session",
      ask({ ...mine, origin: "https://evil.test" }, "tickets", {
        method: "POST",
      }),
      403,
      bad,
    ],
    [
      "settings for a foreign page",
      ask({ ...mine, origin: "https://evil.test" }, "settings"),
      403,
      bad,
    ],
    ["a token of site A on site B", origin(B), 401, alien],
    ["a token of site B on site A", ask({ ...onB, origin: A }, "messages", post), 401, alien],
    ["a token for another agent", ask({ ...mine, key: two.key }, "messages", post), 401, alien],
    ["another agent's token", ask({ ...ofTwo, key: one.key }, "messages", post), 401, alien],
    ["no token", ask({ ...mine, token: undefined }, "messages", post), 401, alien],
    ["no scheme", bearer(mine.token), 401, alien],
    ["another scheme", bearer(`Basic ${mine.token}`), 401, alien],
    ["two tokens", bearer(`Bearer ${mine.token}, Bearer ${onB.token}`), 401, alien],
    ["a changed token", bearer(`Bearer ${changed}`), 401, alien],
    ["a shortened token", bearer(`Bearer ${mine.token.slice(0, -1)}`), 401, alien],
    ["the hash of a token", bearer(`Bearer wvt_${await sha256Hex(mine.token)}`), 401, alien],
    ["an unsigned token", bearer(`Bearer ${forged({ alg: "none" })}.`), 401, alien],
    [
      "a token signed with the public key",
      bearer(`Bearer ${forged({ alg: "HS256", kid: stack.PUBLISHABLE_KEY })}.AA`),
      401,
      alien,
    ],
    ["an unsigned token in other case", bearer(`Bearer ${forged({ alg: "nOnE" })}.`), 401, alien],
    [
      "a token with a key of its own",
      bearer(`Bearer ${forged({ alg: "RS256", jwk: { kty: "oct", k: "AA" } })}.AA`),
      401,
      alien,
    ],
    [
      "a token of a key id",
      bearer(`Bearer ${forged({ alg: "HS256", kid: "../k" })}.AA`),
      401,
      alien,
    ],
    ["a token in lower case", bearer(`Bearer ${mine.token.toLowerCase()}`), 401, alien],
    [
      "a token of another prefix",
      bearer(`Bearer ${mine.token.replace("wvt_", "agb_")}`),
      401,
      alien,
    ],
    ["a token in quotes", bearer(`Bearer "${mine.token}"`), 401, alien],
    ["a pattern", bearer("Bearer wvt_%"), 401, alien],
    [
      "a token in another header",
      ask({ ...mine, token: undefined }, "messages", {
        ...post,
        headers: { apikey: mine.token, "x-api-key": mine.token, "x-session-token": mine.token },
      }),
      401,
      alien,
    ],
    [
      "a token in the body",
      ask({ ...mine, token: undefined }, "messages", {
        method: "POST",
        body: JSON.stringify({ message: "Hi", token: mine.token }),
      }),
      401,
      alien,
    ],
    [
      "a token after its time",
      ask(await expired(), "messages", post),
      410,
      "visitor_session_ended",
    ],
    ["a ticket for a token", bearer(`Bearer ${await ticket()}`), 401, alien],
    ["a person's token", bearer(`Bearer ${person.accessToken}`), 401, alien],
    ["a publishable key", bearer(`Bearer ${stack.PUBLISHABLE_KEY}`), 401, alien],
    ["a secret key", bearer(`Bearer ${stack.SECRET_KEY}`), 401, alien],
    [
      "a token in the address",
      ask({ ...mine, token: undefined }, `messages?token=${mine.token}`, post),
      401,
      alien,
    ],
    [
      "a token in a cookie",
      ask({ ...mine, token: undefined }, "messages", {
        ...post,
        headers: { cookie: `token=${mine.token}` },
      }),
      401,
      alien,
    ],
    ["another session by its id", body({ session_id: "sess_x" }), 400, "unknown_parameter"],
    ["another model", body({ model: "gpt-4o" }), 400, "unknown_parameter"],
    ["an origin in the body", body({ origin: A }), 400, "unknown_parameter"],
    [
      "instructions",
      body({ messages: [{ role: "system", content: "x" }] }),
      400,
      "unknown_parameter",
    ],
    ["an unknown key", ask({ ...mine, key: `wk_${"0".repeat(64)}` }, "messages", post), 401, alien],
    ["an agent's id for a key", ask({ ...mine, key: one.agentId }, "messages", post), 401, alien],
    [
      "an agent's id for a key, without a session",
      ask({ key: one.agentId, origin: A }, "settings"),
      404,
      "widget_not_found",
    ],
    ["a used ticket", exchange(one.key, A, used), 401, "ticket_not_valid"],
    ["a ticket of site A on site B", exchange(one.key, B, await ticket()), 401, "ticket_not_valid"],
    ["a ticket for another agent", exchange(two.key, A, await ticket()), 401, "ticket_not_valid"],
    ["a session's token for a ticket", exchange(one.key, A, mine.token), 401, "ticket_not_valid"],
    ["a ticket after its time", exchange(one.key, A, old), 401, "ticket_not_valid"],
    ["an invented ticket", exchange(one.key, A, `wtk_${"A".repeat(43)}`), 401, "ticket_not_valid"],
    [
      "an invented identity",
      ask({ key: one.key, origin: A }, "sessions", {
        method: "POST",
        body: JSON.stringify({
          ticket: await ticket(),
          identity: {
            user_id: "1",
            expires_at: Math.floor(Date.now() / 1000) + 60,
            signature: "0".repeat(64),
          },
        }),
      }),
      401,
      "identity_not_valid",
    ],
  ];
  ok(tricks.length >= 40);
  for (const [name, response, status, code] of tricks) {
    deepEqual(await answerOf(await response), [status, code], name);
  }
  deepEqual(upstream.received, [], "no model was asked");
  deepEqual(await answerOf(await ask(mine, "messages", post)), [200, "You said Hi."]);
});

Deno.test("a visitor's token opens nothing else, and nothing after its session", async () => {
  await using upstream = startEcho();
  await using database = openDatabase();
  const { sql } = database;
  const { one } = await prepare(sql, upstream);
  const mine = await visit(sql, one.key, A);
  const headers = { authorization: `Bearer ${mine.token}`, origin: A };
  for (const { method, path } of await otherDoors()) {
    const response = await fetch(
      stack.FUNCTIONS_URL + path.replace("/models/{id}", "/models/droid")
        .replaceAll(/\{\w+\}/g, one.agentId),
      { method, headers, body: ["GET", "DELETE"].includes(method) ? null : "{}" },
    );
    equal(response.status, 401, `${method} ${path}: ${await response.text()}`);
  }
  const asVisitor = {
    ...headers,
    apikey: stack.PUBLISHABLE_KEY,
    "content-type": "application/json",
  };
  for (
    const path of [
      "chat_sessions",
      "chat_messages",
      "agents",
      "widgets",
      "rpc/list_visitor_messages",
      "rpc/begin_visitor_turn",
      "rpc/get_widget",
    ]
  ) {
    for (const authorization of [headers.authorization, null]) {
      const { authorization: _one, ...others } = asVisitor;
      const response = await fetch(`${stack.API_URL}/rest/v1/${path}`, {
        method: path.startsWith("rpc/") ? "POST" : "GET",
        headers: authorization === null ? others : asVisitor,
        body: path.startsWith("rpc/")
          ? JSON.stringify({
            visitor: { ...mine, token_hash: await sha256Hex(mine.token) },
            after: 0,
            request: {},
            key: mine.key,
            origin: A,
          })
          : null,
      });
      const text = await response.text();
      ok([401, 403, 404].includes(response.status), `${path}: ${response.status} ${text}`);
    }
  }
  for (const path of ["/auth/v1/user", "/storage/v1/bucket", "/storage/v1/object/list/voice"]) {
    const response = await fetch(stack.API_URL + path, { headers: asVisitor });
    const text = await response.text();
    ok(text === "[]" || [400, 401, 403, 404, 501].includes(response.status), `${path}: ${text}`);
  }
  await using live = await connect(mine.token);
  const reported = await subscribe(
    live.supabase.channel("x", { config: { private: true } }),
    "CHANNEL_ERROR",
  );
  ok(!reported.includes("SUBSCRIBED"), reported.join());
  deepEqual(await answerOf(await ask(mine, "end", { method: "POST" })), [200, undefined]);
  const post = { method: "POST", body: say("Hi") };
  deepEqual(await answerOf(await ask(mine, "messages", post)), [410, "visitor_session_ended"]);
  const other = await visit(sql, one.key, A);
  await ask(other, "messages", { method: "POST", body: say("secret of mine") }).then((one) =>
    one.text()
  );
  deepEqual(await answerOf(await ask(other, "session", { method: "DELETE" })), [200, undefined]);
  for (const path of ["messages", "session", "end"] as const) {
    const method = path === "messages" ? "GET" : path === "session" ? "DELETE" : "POST";
    deepEqual(await answerOf(await ask(other, path, { method })), [401, "visitor_token_not_valid"]);
  }
  const left = await sql`
    select from public.chat_messages where content like '%secret of mine%'
    union all select from private.stored_answers where body::text like '%secret of mine%'`;
  equal(left.length, 0, "nothing is left of what was said");
  const [turn] = await sql<{ user_id: null; session_id: null; cost: string }[]>`
    select user_id, session_id, total_cost::text as cost from public.ai_interactions
    where agent_id = ${one.agentId} order by started_at desc limit 1`;
  deepEqual([turn?.user_id, turn?.session_id, Number(turn?.cost) > 0], [null, null, true]);
});

Deno.test("100 visitors at once stay apart", async () => {
  await using upstream = startEcho();
  await using database = openDatabase();
  const { sql } = database;
  const { one, two } = await prepare(sql, upstream);
  // So that the budgets have room for all of them at once, however slowly they are settled.
  await sql`update public.agents set max_tokens = 64 where id in (${one.agentId}, ${two.agentId})`;
  // As before the first turn of all, when the organization is given its monthly budget.
  await sql`delete from public.budgets where agent_id is null and organization_id in (
    select organization_id from public.budgets where agent_id = ${one.agentId})`;
  const visits = await Promise.all(
    Array.from(
      { length: 100 },
      (_, index) => visit(sql, index % 2 ? one.key : two.key, index % 3 ? A : B),
    ),
  );
  const marks = visits.map((_, index) => `mark-${index}-${crypto.randomUUID()}`);
  const answers = await Promise.all(visits.map(async (visitor, index) => {
    // Half of both agents' visitors as the embed asks.
    const isStreamed = index % 4 < 2;
    const body = isStreamed ? JSON.stringify({ message: marks[index] }) : say(marks[index]!);
    const response = await ask(visitor, "messages", { method: "POST", body });
    return isStreamed ? await streamedOf(response) : await answerOf(response);
  }));
  deepEqual(answers.filter(([status]) => status !== 200), []);
  deepEqual(answers, marks.map((mark) => [200, `You said ${mark}.`]));
  const histories = await Promise.all(visits.map(async (visitor) => {
    const { messages } = await (await ask(visitor)).json();
    return messages.map(({ content }: { content: string }) => content);
  }));
  deepEqual(histories, marks.map((mark) => [mark, `You said ${mark}.`]));
  for (const { body } of upstream.received) {
    const said = body.messages.filter(({ role }: { role: string }) => role === "user");
    equal(said.length, 1, "no request has another visitor's message");
  }
});

Deno.test("visitors together spend no more than the budget of the agent", async () => {
  await using upstream = startEcho();
  await using database = openDatabase();
  const { sql } = database;
  const { one } = await prepare(sql, upstream);
  // An answer costs about half a cent, but its maximum cost is reserved first.
  await sql`update public.budgets set limit_usd = 0.1 where agent_id = ${one.agentId}`;
  const visits = await Promise.all(Array.from({ length: 60 }, () => visit(sql, one.key, A)));
  let worst = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const [budget] = await sql<{ used: number }[]>`
        select (spent_usd + reserved_usd)::float as used from public.budgets
        where agent_id = ${one.agentId}`;
      worst = Math.max(worst, budget?.used ?? 0);
    }
  })();
  const answers = await Promise.all(visits.map(async (visitor) => {
    const response = await ask(visitor, "messages", { method: "POST", body: say("Hi") });
    const text = await response.text();
    return { status: response.status, text };
  }));
  isOver = true;
  await watching;
  const refused = answers.filter(({ status }) => status !== 200);
  ok(refused.length > 0 && refused.length < 60, `${refused.length} refused`);
  for (const { status, text } of refused) {
    equal(status, 503);
    match(text, /widget_unavailable/);
    ok(!/budget|usd|0\.1/i.test(text), "no amount is named");
  }
  // Answers may arrive before their turns are settled.
  const [budget] = await eventually(
    () =>
      sql<{ spent: number; reserved: number; ledger: number }[]>`
    select spent_usd::float as spent, reserved_usd::float as reserved,
      (select sum(total_cost)::float from public.ai_interactions where agent_id = ${one.agentId}) as ledger
    from public.budgets where agent_id = ${one.agentId}`,
    (rows) => rows[0]?.reserved === 0,
  );
  ok(worst <= 0.1, `${worst} was spent or reserved`);
  deepEqual([budget?.reserved, budget?.spent === budget?.ledger], [0, true]);
});

Deno.test("a website signs who its visitors are", async () => {
  await using upstream = startEcho();
  await using database = openDatabase();
  const { sql } = database;
  const { one } = await prepare(sql, upstream);
  const carol = await signIn("carol");
  const { data: widget } = await carol.supabase.from("widgets").select("id").eq("key", one.key)
    .single();
  const create = (token: string) =>
    fetch(`${stack.FUNCTIONS_URL}/widget/secrets`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ widget_id: widget?.id }),
    });
  const { secret } = await (await create(carol.accessToken)).json();
  match(secret, /^wis_/);
  const stranger = await signUp("eve");
  deepEqual(await answerOf(await create(stranger.accessToken)), [404, "widget_not_found"]);

  const start = async (signedBy: string) => {
    const expires_at = Math.floor(Date.now() / 1000) + 300;
    const page = { key: one.key, origin: A };
    const { ticket } = await (await ask(page, "tickets", { method: "POST" })).json();
    const identity = {
      user_id: "customer-7",
      expires_at,
      signature: await signIdentity(signedBy, `customer-7.${expires_at}`),
    };
    return await ask(page, "sessions", {
      method: "POST",
      body: JSON.stringify({ ticket, identity }),
    });
  };
  equal((await start(secret)).status, 201);
  const [session] = await sql<{ visitor: object; address: string }[]>`
    select metadata -> 'visitor' as visitor, ip_address::text as address
    from public.chat_sessions where agent_id = ${one.agentId}`;
  deepEqual(session, { visitor: { user_id: "customer-7" }, address: "127.0.0.0/24" });

  // A new secret is created. The previous one stays valid for a day, the one before it does not.
  const second = (await (await create(carol.accessToken)).json()).secret;
  equal((await start(secret)).status, 201);
  equal((await start(second)).status, 201);
  await create(carol.accessToken);
  deepEqual(await answerOf(await start(secret)), [401, "identity_not_valid"]);
});

Deno.test("a visitor's recording is heard in the visitor's own session alone, and added once", async () => {
  await using upstream = startEcho();
  await using database = openDatabase();
  const { sql } = database;
  const { one, two } = await prepare(sql, upstream);
  const [ann, other, elsewhere, second] = await Promise.all([
    visit(sql, one.key, A),
    visit(sql, one.key, A),
    visit(sql, one.key, B),
    visit(sql, two.key, A),
  ]);
  await (await ask(ann, "messages", { method: "POST", body: say("hello") })).body?.cancel();
  const list = async () => (await (await ask(ann)).json()).messages;
  const [said, answer] = await list();
  deepEqual([said.has_audio, answer.has_audio], [false, false]);
  const bytes = Uint8Array.from({ length: 32_044 }, (_, at) => at % 251);
  // A second of PCM: 16 kHz, 16 bits, one channel.
  bytes.set(new TextEncoder().encode("RIFF\0\0\0\0WAVEfmt "));
  bytes.set([16, 0, 0, 0, 1, 0, 1, 0, 0x80, 0x3e, 0, 0, 0, 0x7d, 0, 0, 2, 0, 16, 0], 16);
  bytes.set(new TextEncoder().encode("data\0\0\0\0"), 36);
  const record = (who: Visit, id: string, file = bytes) => {
    const body = new FormData();
    body.append("file", new File([file], "voice.wav", { type: "audio/wav" }));
    return ask(who, `messages/${id}/recording`, { method: "POST", body });
  };
  const play = (who: Visit, id: string, headers: HeadersInit = {}) =>
    ask(who, `messages/${id}/recording`, { headers });
  deepEqual(await answerOf(await play(ann, said.id)), [404, "recording_not_found"]);
  for (const who of [other, elsewhere, second]) {
    deepEqual(await answerOf(await record(who, said.id)), [404, "message_not_found"]);
  }
  deepEqual(await answerOf(await record(ann, answer.id)), [404, "message_not_found"]);
  deepEqual(await answerOf(await record(ann, "1")), [404, "message_not_found"]);
  const pdf = new TextEncoder().encode("%PDF-1.7");
  equal((await record(ann, said.id, pdf)).status, 400);
  const added = await record(ann, said.id);
  deepEqual([added.status, await added.json()], [201, { message_id: said.id, duration_ms: 1000 }]);
  deepEqual(await answerOf(await record(ann, said.id)), [409, "recording_exists"]);
  equal((await list())[0].has_audio, true);
  const played = await play(ann, said.id);
  deepEqual([played.status, played.headers.get("content-type")], [200, "audio/wav"]);
  deepEqual(new Uint8Array(await played.arrayBuffer()), bytes);
  const part = await play(ann, said.id, { range: "bytes=0-3" });
  deepEqual([part.status, await part.text()], [206, "RIFF"]);
  const outside = await play(ann, said.id, { range: "bytes=999999-" });
  deepEqual(await answerOf(outside), [416, "range_not_satisfiable"]);
  for (const who of [other, elsewhere, second, { ...ann, origin: B }, { ...ann, token: "x" }]) {
    equal((await play(who, said.id)).status >= 400, true);
  }
  // Its file is deleted with the conversation: the job does it within a minute, or has done it.
  const [stored] = await sql<{ audio_path: string }[]>`
    select audio_path from public.chat_messages where id = ${said.id}`;
  const kept = () =>
    sql`select from storage.objects where name = ${stored?.audio_path ?? null}
      and not exists (select from private.recordings_to_delete where path = objects.name)`;
  equal((await kept()).length, 1);
  await (await ask(ann, "session", { method: "DELETE" })).body?.cancel();
  equal((await kept()).length, 0);
  equal((await play(ann, said.id)).status, 401);
});
