import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { databaseDown, memoryOAuthDatabase } from "../support/memory_oauth_database.ts";
import { oauthIsolate, testKeyring, USER_ID } from "../support/oauth_fixture.ts";
import { CLIENT, type OAuthServer, startOAuthServer } from "../support/oauth_server.ts";

/** Some of `private.oauth_refusals()`. */
const REFUSALS = ["invalid_grant", "bad_refresh_token", "token_revoked"];

type Authentication = "post" | "basic" | "none";

/** A provider, a database and some isolates that share it. */
function start(
  options: {
    isolates?: number;
    authentication?: Authentication;
    timeoutMs?: number;
    variables?: ReadonlyMap<string, string>;
    refusals?: string[];
    resource?: string;
    scope?: string;
    isRevocable?: boolean;
  } = {},
) {
  const server = startOAuthServer("hush");
  const database = memoryOAuthDatabase({
    token_endpoint: server.endpoint,
    client_authentication: options.authentication ?? "post",
    refusals: options.refusals ?? REFUSALS,
    resource: options.resource ?? null,
    scope: options.scope ?? null,
    ...options.isRevocable ? { revocation_endpoint: server.endpoint } : {},
  });
  const keyring = testKeyring();
  const isolates = Array.from(
    { length: options.isolates ?? 1 },
    () => oauthIsolate({ database, keyring, ...options }),
  );
  const [{ ask, lines, background }] = isolates as [typeof isolates[number]];
  /** Stores a new sign-in whose access token is valid for that many seconds. */
  const store = async (expiresIn = 30) => {
    const grant = server.signIn(expiresIn);
    const stored = await ask("POST", "/oauth-tokens", { provider: "google", ...grant });
    equal(stored.status, 201);
    await stored.body?.cancel();
    // Issued an hour ago, so that only the given time is left.
    database.connection(USER_ID).issuedAt -= 3_600_000;
    return grant;
  };
  const fetchToken = () => ask("GET", "/oauth-tokens/google");
  /** The outcome of a fetch: the token, or the code of its error. */
  const outcome = async () => {
    const response = await fetchToken();
    const body = await response.json();
    return { status: response.status, token: body.access_token, code: body.error?.code };
  };
  return {
    server,
    database,
    isolates,
    ask,
    lines,
    background,
    store,
    fetchToken,
    outcome,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Makes the token due for the next fetch, and ends any pause after a failure. */
function makeDue(database: ReturnType<typeof memoryOAuthDatabase>, seconds = 30): void {
  Object.assign(database.connection(USER_ID), {
    issuedAt: Date.now() - 3_600_000,
    expiresAt: Date.now() + seconds * 1000,
    lease: null,
    leaseUntil: 0,
  });
}

Deno.test("a token with more than a minute left is returned as it is", async () => {
  await using all = start();
  const grant = await all.store(65);
  equal((await all.outcome()).token, grant.access_token);
  equal(all.server.requests, 0);
});

for (const authentication of ["post", "basic", "none"] as const) {
  Deno.test(`a token with less than a minute left is refreshed, with client authentication "${authentication}"`, async () => {
    await using all = start({ authentication });
    const grant = await all.store();
    const { status, token } = await all.outcome();
    equal(status, 200);
    ok(token !== grant.access_token && all.server.accepts(token));
    deepEqual(all.server.clients, [`${authentication} ${CLIENT.id}`]);
    equal((await all.outcome()).token, token);
    equal(all.server.requests, 1);
  });
}

Deno.test("each rotated refresh token is stored: twenty refreshes in a row", async () => {
  await using all = start();
  await all.store();
  for (let round = 1; round <= 20; round++) {
    makeDue(all.database);
    ok(all.server.accepts((await all.outcome()).token));
    equal(all.server.refreshes, round);
  }
  equal(all.server.reuses, 0);
});

Deno.test("the refresh token of a provider that does not rotate stays in use", async () => {
  await using all = start();
  await all.store();
  const seen: (string | null)[] = [];
  all.server.fault = async (request) => {
    seen.push(new URLSearchParams(await request.text()).get("refresh_token"));
    return Response.json({ access_token: "again", token_type: "bearer", expires_in: 3600 });
  };
  for (let round = 0; round < 3; round++) {
    makeDue(all.database);
    equal((await all.outcome()).token, "again");
  }
  equal(new Set(seen).size, 1);
});

Deno.test("ten requests at once from five isolates cause one refresh, in each of 100 rounds", async () => {
  await using all = start({ isolates: 5 });
  await all.store();
  for (let round = 1; round <= 100; round++) {
    makeDue(all.database, round % 2 === 0 ? 30 : -30);
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const response = await all.isolates[index % 5]!.ask("GET", "/oauth-tokens/google");
        equal(response.status, 200);
        return (await response.json()).access_token;
      }),
    );
    equal(new Set(answers).size, 1);
    equal(all.server.refreshes, round);
  }
  equal(all.server.reuses, 0);
});

Deno.test("a refresh that the provider refuses requires a new sign-in, with one notification", async () => {
  await using all = start();
  all.server.revoke(await all.store());
  const answers = await Promise.all([all.outcome(), all.outcome(), all.outcome()]);
  deepEqual(new Set(answers.map(({ code }) => code)), new Set(["needs_reauth"]));
  equal(answers[0]!.status, 403);
  equal(all.server.requests, 1);
  const { data: [connection] } = await (await all.ask("GET", "/oauth-tokens")).json();
  equal(connection.status, "needs_reauth");

  const grant = await all.store(3600);
  equal((await all.outcome()).token, grant.access_token);
});

/** Answers to a refresh, with the outcome of the fetch and the status of the provider's answer. */
const REFUSED = "needs_reauth";
const TRANSIENT = "oauth_provider_unavailable";
for (
  const [what, status, body, code] of [
    ["GitHub's code inside a 200", 200, { error: "bad_refresh_token" }, REFUSED],
    ["Slack's ok: false", 200, { ok: false, error: "token_revoked" }, REFUSED],
    ["a code in capitals", 400, { error: "INVALID_GRANT" }, REFUSED],
    ["a nested code", 400, { error: { code: "invalid_grant", message: "revoked" } }, REFUSED],
    ["HubSpot's status", 400, { status: "BAD_REFRESH_TOKEN" }, REFUSED],
    ["a list of errors", 400, { errors: [{ code: "invalid_grant" }] }, REFUSED],
    ["a list of one", 400, [{ error: "invalid_grant" }], REFUSED],
    ["JSON in a string", 400, JSON.stringify('{"error":"invalid_grant"}'), REFUSED],
    ["a form", 400, "error=invalid_grant&error_description=x", REFUSED],
    ["JSON with a byte order mark", 400, '\uFEFF{"error":"invalid_grant"}', REFUSED],
    ["a code of this status", 403, { error: "unauthorized_client" }, REFUSED],
    ["that code with another status", 400, { error: "unauthorized_client" }, TRANSIENT],
    [
      "a description that blames the token",
      400,
      { error: "invalid_request", error_description: "The refresh token is invalid." },
      REFUSED,
    ],
    ["an unknown client", 401, { error: "invalid_client" }, TRANSIENT],
    [
      "an unknown client, in words like those for a token",
      401,
      { error: "invalid_client", error_description: "invalid refresh token client" },
      TRANSIENT,
    ],
    ["an outage with a refusal's code", 500, { error: "invalid_grant" }, TRANSIENT],
    ["a rate limit", 429, { error: "invalid_grant" }, TRANSIENT],
    ["no code", 400, {}, TRANSIENT],
    ["a number", 200, 7, TRANSIENT],
    ["null", 200, null, TRANSIENT],
    ["lists in lists", 400, [[[]]], TRANSIENT],
    ["a token that is an object", 200, { access_token: { value: "x" } }, TRANSIENT],
  ] as const
) {
  Deno.test(`a refresh answered with ${what} ends with ${code}`, async () => {
    await using all = start({ refusals: [...REFUSALS, "403:unauthorized_client"] });
    await all.store(3);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    all.server.fault = () => new Response(text, { status });
    equal((await all.outcome()).code, code);
  });
}

for (
  const [what, answer, expected] of [
    ["a lifetime as text", { expires_in: "600" }, { left: 600 }],
    ["the lifetime of WSO2 forever", { expires_in: 9223372036854775 }, { left: 315_360_000 }],
    ["an unknown lifetime", {}, { left: 3_600 }],
    ["a lifetime of zero", { expires_in: 0 }, { left: 3_600 }],
    ["a lifetime that is a date", { expires_in: "2026-12-01T00:00:00Z" }, { left: 3_600 }],
    ["a lifetime that is an object", { expires_in: { seconds: 600 } }, { left: 3_600 }],
    ["a lifetime with a fraction", { expires_in: 600.5 }, { left: 600 }],
    ["a lifetime before now", { expires_in: -1 }, { left: 3_600 }],
    ["a lifetime of 31,000 years", { expires_in: 1e12 }, { left: 315_360_000 }],
    ["scopes as a list", { scope: ["read", "write"] }, { scope: "read write" }],
    ["scopes with commas", { scope: "read,write" }, { scope: "read write" }],
    ["scopes as an object", { scope: { read: true } }, { scope: null }],
    ["a type in capitals", { token_type: "BEARER" }, { token_type: "Bearer" }],
    ["a type that is a number", { token_type: 1 }, { token_type: "Bearer" }],
    ["an empty refresh token", { refresh_token: "" }, {}],
    ["Slack's nesting", { access_token: undefined, authed_user: { access_token: "again" } }, {}],
    ["another nesting", { access_token: undefined, data: { access_token: "again" } }, {}],
    ["an error of null", { error: null }, {}],
    ["an address of its own", { instance_url: "https://x.test" }, {
      extra: { instance_url: "https://x.test" },
    }],
  ] as const
) {
  Deno.test(`${what} is understood, stored as a sign-in and in an answer to a refresh`, async () => {
    await using all = start();
    const { refresh_token } = await all.store(3);
    const body = { access_token: "again", token_type: "bearer", ...answer };
    all.server.fault = () => Response.json(body);
    await check(await (await all.fetchToken()).json());
    const before = all.database.connection(USER_ID);
    const stored = await all.ask("POST", "/oauth-tokens", { provider: "google", ...body });
    equal(stored.status, 201, await stored.text());
    ok(all.database.connection(USER_ID).refreshable && before.refreshable);
    makeDue(all.database);
    const seen: (string | null)[] = [];
    all.server.fault = async (request) => {
      seen.push(new URLSearchParams(await request.text()).get("refresh_token"));
      return Response.json(body);
    };
    await check(await (await all.fetchToken()).json());
    deepEqual(seen, [refresh_token]);

    function check(
      token: { access_token: string; scope: string; token_type: string; extra: object },
    ) {
      equal(token.access_token, "again");
      const { expiresAt } = all.database.connection(USER_ID);
      if ("left" in expected) {
        ok(Math.abs((expiresAt ?? 0) - Date.now() - expected.left * 1000) < 60_000);
      }
      if ("scope" in expected) equal(token.scope, expected.scope);
      if ("token_type" in expected) equal(token.token_type, expected.token_type);
      if ("extra" in expected) deepEqual(token.extra, expected.extra);
    }
  });
}

Deno.test("a sign-in with a refresh token of null drops the previous one", async () => {
  await using all = start();
  await all.store(3600);
  const body = { provider: "google", access_token: "alone", refresh_token: null };
  const stored = await (await all.ask("POST", "/oauth-tokens", body)).json();
  equal(stored.refreshable, false);
});

Deno.test("a token that the provider's API refused is refreshed once for all callers that got the 401", async () => {
  await using all = start({ isolates: 3 });
  const { access_token: rejected } = await all.store(3600);
  const refresh = (index = 0) =>
    all.isolates[index]!.ask("POST", "/oauth-tokens/google/refresh", { rejected });
  const tokens = await Promise.all([0, 1, 2, 0, 1, 2, 0, 1].map(async (index) => {
    const response = await refresh(index);
    equal(response.status, 200);
    return (await response.json()).access_token;
  }));
  equal(new Set(tokens).size, 1);
  ok(tokens[0] !== rejected && all.server.accepts(tokens[0]));
  equal(all.server.refreshes, 1);
  equal((await (await refresh()).json()).access_token, tokens[0], "who comes late gets it too");
  equal(all.server.refreshes, 1);
});

Deno.test("a refused token without a refresh token requires a new sign-in", async () => {
  await using all = start();
  const body = { provider: "google", access_token: "alone" };
  await (await all.ask("POST", "/oauth-tokens", body)).body?.cancel();
  const other = await all.ask("POST", "/oauth-tokens/google/refresh", { rejected: "other" });
  equal((await other.json()).access_token, "alone");
  const refused = await all.ask("POST", "/oauth-tokens/google/refresh", { rejected: "alone" });
  equal((await refused.json()).error.code, "needs_reauth");
});

Deno.test("a token that lives a minute is refreshed once for all waiting callers", async () => {
  await using all = start({ isolates: 5 });
  all.server.expiresIn = 60;
  await all.store(0.01);
  all.server.before = () => new Promise((resolve) => setTimeout(resolve, 250));
  const tokens = await Promise.all(Array.from({ length: 90 }, async (_, index) => {
    const response = await all.isolates[index % 5]!.ask("GET", "/oauth-tokens/google");
    equal(response.status, 200);
    return (await response.json()).access_token;
  }));
  equal(new Set(tokens).size, 1);
  for (let round = 0; round < 5; round++) equal((await all.outcome()).token, tokens[0]);
  equal(all.server.refreshes, 1);
});

Deno.test("a refresh sends the provider's resource and scope, and unencoded Basic credentials where they are compared as text", async () => {
  const variables = new Map([
    ["GOOGLE_OAUTH_CLIENT_ID", "2f1d872b-594c-8013-a0d7-00370d1a2b3c"],
    ["GOOGLE_OAUTH_CLIENT_SECRET", "secret_AbC-dEf.123~x"],
  ]);
  const target = { resource: "https://mcp.test/mcp", scope: "read write" };
  await using all = start({ authentication: "basic", variables, ...target });
  await all.store(3);
  let sent: { form: URLSearchParams; credentials: string } | null = null;
  all.server.fault = async (request) => {
    const credentials = atob(request.headers.get("authorization")?.slice(6) ?? "");
    sent = { form: new URLSearchParams(await request.text()), credentials };
    return Response.json({ access_token: "again" });
  };
  equal((await all.outcome()).token, "again");
  const { form, credentials } = sent!;
  equal(credentials, [...variables.values()].join(":"));
  equal(form.get("resource"), target.resource);
  equal(form.get("scope"), target.scope);
  equal(form.has("client_id"), false);
});

Deno.test("a connection that is deleted is revoked at its provider", async () => {
  const seen: string[] = [];
  await using all = start({ isRevocable: true });
  const { refresh_token } = await all.store(3600);
  all.server.fault = async (request) => {
    const form = new URLSearchParams(await request.text());
    seen.push(`${form.get("token_type_hint")} ${form.get("token")} ${form.get("client_id")}`);
    return new Response("no", { status: 503 });
  };
  const response = await all.ask("DELETE", "/oauth-tokens/google");
  deepEqual(await response.json(), { provider: "google", deleted: true });
  await Promise.all(all.background);
  deepEqual(seen, [`refresh_token ${refresh_token} ${CLIENT.id}`]);
  match(all.lines.join(), /oauth_revocation.*status 503/);
  doesNotMatch(all.lines.join(), /hush/);
});

for (
  const [what, first, calls, outcome] of [
    ["with its access token", 204, ["grant gho_hush"], 204],
    [
      "with a renewed one, where it has expired",
      422,
      ["grant gho_hush", "token ghr_hush", "grant gho_renewed"],
      204,
    ],
    ["and no token renewed where it is down", 503, ["grant gho_hush"], 503],
  ] as const
) {
  Deno.test(`GitHub is asked to delete a grant ${what}`, async () => {
    const seen: string[] = [];
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const { method, url, headers } = request;
        if (method === "POST") {
          seen.push(`token ${new URLSearchParams(await request.text()).get("refresh_token")}`);
          return Response.json({ access_token: "gho_renewed", token_type: "bearer" });
        }
        const [kind, credentials] = (headers.get("authorization") ?? "").split(" ");
        deepEqual([method, kind], ["DELETE", "Basic"]);
        equal(atob(credentials ?? ""), `${CLIENT.id}:${CLIENT.secret}`);
        equal(new URL(url).pathname, `/applications/${encodeURIComponent(CLIENT.id)}/grant`);
        equal(headers.get("content-type"), "application/json");
        equal(headers.get("user-agent"), "Agentbase");
        const { access_token } = await request.json();
        seen.push(`grant ${access_token}`);
        const status = access_token === "gho_renewed" ? 204 : first;
        return new Response(null, { status });
      },
    );
    const at = `http://127.0.0.1:${server.addr.port}`;
    const database = memoryOAuthDatabase({
      token_endpoint: `${at}/token`,
      client_authentication: "post",
      revocation_endpoint: `${at}/applications/{client_id}/grant`,
      revocation_style: "github",
    });
    const { ask, background, lines } = oauthIsolate({ database, keyring: testKeyring() });
    const grant = { access_token: "gho_hush", refresh_token: "ghr_hush" };
    await (await ask("POST", "/oauth-tokens", { provider: "google", ...grant })).body?.cancel();
    equal((await ask("DELETE", "/oauth-tokens/google")).status, 200);
    await Promise.all(background);
    deepEqual(seen, calls);
    match(lines.join(), new RegExp(`oauth_revocation.*status ${outcome}`));
    doesNotMatch(lines.join(), /hush|renewed/);
  });
}

Deno.test("a token without a refresh token is valid until it expires, then a new sign-in is required", async () => {
  await using all = start();
  const body = { provider: "google", access_token: "alone", expires_in: 10 };
  await (await all.ask("POST", "/oauth-tokens", body)).body?.cancel();
  equal((await all.outcome()).token, "alone");
  all.database.connection(USER_ID).expiresAt = Date.now();
  equal((await all.outcome()).code, "needs_reauth");
  equal(all.server.requests, 0);
});

const hang = () => new Promise<Response>((resolve) => setTimeout(resolve, 2_000, new Response()));
for (
  const [what, fault] of [
    ["answers 500", () => new Response("<html>", { status: 500 })],
    ["answers 429", () => new Response("", { status: 429, headers: { "retry-after": "7" } })],
    ["does not know the client", () => Response.json({ error: "invalid_client" }, { status: 401 })],
    [
      "challenges",
      () => new Response("", { status: 401, headers: { "www-authenticate": "Basic realm=x" } }),
    ],
    ["answers in HTML", () => new Response("<html>Sign in", { status: 200 })],
    ["answers with half of an object", () => new Response('{"access_token": "hush')],
    ["answers with a list", () => Response.json([])],
    ["answers with null", () => Response.json(null)],
    ["answers without a token", () => Response.json({ token_type: "bearer" })],
    ["answers with a number for a token", () => Response.json({ access_token: 123_456_789 })],
    ["answers with 1 MB", () => new Response("a".repeat(1024 * 1024))],
    [
      "leads elsewhere",
      () => new Response(null, { status: 307, headers: { location: "http://127.0.0.1:1/" } }),
    ],
    ["never answers", hang],
  ] as const
) {
  Deno.test(`a provider that ${what} is skipped, and the tokens stay`, async () => {
    await using all = start({ timeoutMs: fault === hang ? 1_000 : 10_000 });
    await all.store(3);
    all.server.fault = fault;
    const response = await all.fetchToken();
    equal(response.status, 503);
    ok(Number(response.headers.get("retry-after")) >= 1);
    const { error } = await response.json();
    equal(error.code, "oauth_provider_unavailable");
    doesNotMatch(JSON.stringify(error) + all.lines.join(), /hush|123456789/);

    // The provider is not asked again immediately.
    equal((await all.outcome()).code, "oauth_provider_unavailable");
    equal(all.server.requests, 1);

    all.server.fault = null;
    makeDue(all.database, 3);
    ok(all.server.accepts((await all.outcome()).token));
    equal(all.server.reuses, 0);
  });
}

Deno.test("the error for an unreachable provider has its name only", async () => {
  const all = start();
  await all.store(3);
  await all.server[Symbol.asyncDispose]();
  equal((await all.outcome()).code, "oauth_provider_unavailable");
  match(all.lines.join(), /refresh: unreachable/);
});

Deno.test("a provider's retry-after is respected", async () => {
  await using all = start();
  await all.store(3);
  all.server.fault = () => new Response("", { status: 429, headers: { "retry-after": "17" } });
  await (await all.fetchToken()).body?.cancel();
  const wait = all.database.connection(USER_ID).leaseUntil - Date.now();
  ok(wait > 15_000 && wait <= 17_000, `${wait} ms`);
});

Deno.test("a token that is still valid is returned when it cannot be refreshed", async () => {
  await using all = start();
  const grant = await all.store(40);
  all.server.fault = () => new Response("", { status: 503 });
  equal((await all.outcome()).token, grant.access_token);
  equal((await all.outcome()).token, grant.access_token);
  equal(all.server.requests, 1);
});

Deno.test("a provider without a configured client is a fault of the deployment", async () => {
  for (
    const [variables, missing] of [
      [new Map<string, string>(), "GOOGLE_OAUTH_CLIENT_ID"],
      [new Map([["GOOGLE_OAUTH_CLIENT_ID", "x"]]), "GOOGLE_OAUTH_CLIENT_SECRET"],
    ] as const
  ) {
    await using all = start({ variables });
    await all.store(3);
    const response = await all.fetchToken();
    equal(response.status, 503);
    const { error } = await response.json();
    equal(error.code, "oauth_provider_not_configured");
    match(error.message, new RegExp(missing));
    equal(all.server.requests, 0);
  }
});

for (
  const [what, change] of [
    ["an identity token", { id_token: "e30.e30.x" }],
    ["no type", { token_type: undefined }],
    ["a type of its own", { token_type: "user" }],
    ["its lifetime as text", { expires_in: "3600" }],
    ["a lifetime of nothing", { expires_in: 0 }],
    ["null for what it does not say", { scope: null, expires_in: null }],
    ["more than anybody asked for", { extra: { nested: [1] } }],
  ] as const
) {
  Deno.test(`an answer with ${what} loses no token`, async () => {
    await using all = start();
    await all.store();
    all.server.fault = { change: (answer) => ({ ...answer, ...change }) };
    ok(all.server.accepts((await all.outcome()).token));
    all.server.fault = null;
    makeDue(all.database);
    ok(all.server.accepts((await all.outcome()).token));
    equal(all.server.reuses, 0);
  });
}

Deno.test("a lost answer of a provider that punishes reuse requires a new sign-in, with a notification", async () => {
  await using all = start();
  await all.store(3);
  all.server.fault = "lost";
  equal((await all.outcome()).code, "oauth_provider_unavailable");
  all.server.fault = null;
  makeDue(all.database, 3);
  equal((await all.outcome()).code, "needs_reauth");
  equal(all.server.reuses, 1);
});

Deno.test("rotated tokens are stored after a short outage of the database", async () => {
  await using all = start();
  await all.store();
  let failures = 2;
  all.database.beforeFinish = () => {
    if (failures-- > 0) throw databaseDown();
  };
  const { token } = await all.outcome();
  ok(all.server.accepts(token));
  equal((await all.outcome()).token, token);
  makeDue(all.database);
  ok(all.server.accepts((await all.outcome()).token));
  equal(all.server.reuses, 0);
});

Deno.test("an isolate that dies between refresh and store makes a new sign-in necessary, with a notification", async () => {
  await using all = start({ isolates: 2 });
  await all.store(3);
  // The isolate dies: it neither stores the token nor reports a failure.
  all.database.beforeFinish = () => {
    throw new Error("killed");
  };
  const died = await all.isolates[1]!.ask("GET", "/oauth-tokens/google");
  equal(died.status, 500);
  await died.body?.cancel();
  all.database.beforeFinish = null;
  const { lease, leaseUntil } = all.database.connection(USER_ID);
  ok(lease !== null && leaseUntil - Date.now() <= 30_000, "others wait for half a minute at most");

  makeDue(all.database, 3);
  equal((await all.outcome()).code, "needs_reauth");
  equal(all.server.reuses, 1);
});

Deno.test("tokens that were replaced during a refresh win", async () => {
  await using all = start();
  await all.store();
  const arrived = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  all.server.before = async () => {
    arrived.resolve();
    await go.promise;
  };
  const refreshed = all.outcome();
  await arrived.promise;
  const grant = await all.store(3600);
  go.resolve();
  equal((await refreshed).token, grant.access_token);
});

Deno.test("tokens that were deleted during a refresh stay deleted", async () => {
  await using all = start();
  await all.store();
  all.server.before = async () => {
    await (await all.ask("DELETE", "/oauth-tokens/google")).body?.cancel();
  };
  equal((await all.outcome()).code, "oauth_token_not_found");
  equal(all.database.connections.size, 0);
});

Deno.test("a refresh is registered with the host, so that it outlives its caller", async () => {
  await using all = start();
  await all.store();
  const before = all.background.length;
  const response = all.fetchToken();
  while (all.background.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
  await all.background[before];
  equal(all.server.refreshes, 1);
  equal(all.database.connection(USER_ID).lease, null);
  await (await response).body?.cancel();
});

Deno.test("no token is written to the log, whatever happens", async () => {
  await using all = start();
  const faults: OAuthServer["fault"][] = [
    null,
    "lost",
    (request) => new Response(request.body),
    { change: (answer) => ({ error: "invalid_grant", error_description: answer.refresh_token }) },
    { change: (answer) => ({ error: answer.refresh_token }) },
  ];
  for (const fault of faults) {
    await all.store(3);
    all.server.fault = fault;
    await (await all.fetchToken()).body?.cancel();
    all.server.fault = null;
    makeDue(all.database, 3);
    await (await all.fetchToken()).body?.cancel();
  }
  ok(all.lines.length >= 15);
  doesNotMatch(all.lines.join("\n"), /hush/);
});
