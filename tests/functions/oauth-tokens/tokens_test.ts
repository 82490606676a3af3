import { deepEqual, doesNotMatch, equal, match, notEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { memoryOAuthDatabase } from "../support/memory_oauth_database.ts";
import { oauthIsolate, testKeyring, USER_ID } from "../support/oauth_fixture.ts";

const EVE = "00000000-0000-4000-8000-00000000000e";
const GRANT = {
  provider: "google",
  access_token: "ya29.access",
  refresh_token: "1//refresh",
  expires_in: 3600,
  scope: "calendar",
  token_type: "Bearer",
};

function start() {
  const database = memoryOAuthDatabase({
    token_endpoint: "http://127.0.0.1:1/token",
    client_authentication: "post",
  });
  const isolate = oauthIsolate({ database, keyring: testKeyring() });
  return { database, ...isolate };
}

Deno.test("tokens are stored, and the access token is returned to their owner alone", async () => {
  const { ask, database } = start();
  const stored = await ask("POST", "/oauth-tokens", GRANT);
  equal(stored.status, 201);
  const { expires_at, ...rest } = await stored.json();
  const { sessionId } = database.connection(USER_ID);
  match(sessionId, /^mcp_[0-9a-f]{64}$/);
  deepEqual(rest, {
    provider: "google",
    status: "connected",
    session_id: sessionId,
    refreshable: true,
    account_id: null,
    account_changed: false,
  });

  const fetched = await ask("GET", "/oauth-tokens/google");
  equal(fetched.status, 200);
  equal(fetched.headers.get("cache-control"), "no-store");
  deepEqual(await fetched.json(), {
    provider: "google",
    session_id: sessionId,
    access_token: "ya29.access",
    token_type: "Bearer",
    scope: "calendar",
    expires_at,
    extra: {},
    account_id: null,
  });

  for (const path of ["/oauth-tokens/google", "/functions/v1/oauth-tokens/google"]) {
    const others = await ask("GET", path, undefined, EVE);
    equal(others.status, 404);
    equal((await others.json()).error.code, "oauth_token_not_found");
  }
  equal((await ask("DELETE", "/oauth-tokens/google", undefined, EVE)).status, 404);
});

Deno.test("tokens are stored as ciphertexts that decrypt with their own binding only", async () => {
  const { ask, database } = start();
  await ask("POST", "/oauth-tokens", GRANT);
  await ask("POST", "/oauth-tokens", GRANT, EVE);
  const [alices, eves] = [database.connection(USER_ID), database.connection(EVE)];
  match(alices.ciphertext!, /^v1:k1:/);
  notEqual(alices.ciphertext, eves.ciphertext);

  eves.ciphertext = alices.ciphertext;
  const moved = await ask("GET", "/oauth-tokens/google", undefined, EVE);
  equal(moved.status, 403);
  equal((await moved.json()).error.code, "needs_reauth");
});

/** Fetches a token several times, and returns the outcome and the listed status. */
async function fetchAgain(ask: ReturnType<typeof start>["ask"]) {
  const outcomes = new Set<string>();
  for (let i = 0; i < 4; i++) {
    const response = await ask("GET", "/oauth-tokens/google");
    const { error } = await response.json();
    outcomes.add(`${response.status} ${error?.code}`);
  }
  const { data } = await (await ask("GET", "/oauth-tokens")).json();
  return { outcomes: [...outcomes], status: data[0].status };
}

for (const expires_in of [3600, 30, 1]) {
  Deno.test(`damaged tokens require a new sign-in, with ${expires_in} s left`, async () => {
    const { ask, database, lines } = start();
    await ask("POST", "/oauth-tokens", { ...GRANT, expires_in });
    const stored = database.connection(USER_ID);
    stored.ciphertext = stored.ciphertext!.replace(/.{5}$/, "AAAAA");
    deepEqual(await fetchAgain(ask), {
      outcomes: ["403 needs_reauth"],
      status: "needs_reauth",
    });
    ok(lines.some((line) => line.includes('"given_up"')), "the log tells what became of them");

    await ask("POST", "/oauth-tokens", GRANT);
    equal((await ask("GET", "/oauth-tokens/google")).status, 200);
  });

  Deno.test(`tokens are kept while their encryption key is missing, with ${expires_in} s left`, async () => {
    const { ask, database } = start();
    await ask("POST", "/oauth-tokens", { ...GRANT, expires_in });
    const stored = database.connection(USER_ID);
    const { ciphertext } = stored;
    stored.ciphertext = ciphertext!.replace(":k1:", ":k2:");
    deepEqual(await fetchAgain(ask), { outcomes: ["500 undecryptable"], status: "connected" });

    stored.ciphertext = ciphertext;
    stored.expiresAt = Date.now() + 3_600_000;
    equal((await ask("GET", "/oauth-tokens/google")).status, 200);
  });
}

Deno.test("tokens that replace damaged ones at the same moment are returned and kept", async () => {
  const { ask, database } = start();
  await ask("POST", "/oauth-tokens", GRANT);
  database.connection(USER_ID).ciphertext += "A";
  const { giveUpTokens } = database;
  database.giveUpTokens = async (sessionId, ciphertext) => {
    await ask("POST", "/oauth-tokens", { ...GRANT, access_token: "ya29.new" });
    await giveUpTokens(sessionId, ciphertext);
  };
  equal((await (await ask("GET", "/oauth-tokens/google")).json()).access_token, "ya29.new");
  equal(database.connection(USER_ID).status, "connected");
});

Deno.test("new tokens replace the previous ones, in the same session", async () => {
  const { ask, database } = start();
  await ask("POST", "/oauth-tokens", GRANT);
  const { sessionId } = database.connection(USER_ID);
  await ask("POST", "/oauth-tokens", { ...GRANT, access_token: "ya29.second" });
  equal(database.connection(USER_ID).sessionId, sessionId);
  equal((await (await ask("GET", "/oauth-tokens/google")).json()).access_token, "ya29.second");
});

Deno.test("two concurrent stores end with the tokens of one of them", async () => {
  const { ask } = start();
  const answers = await Promise.all(
    ["a", "b", "c", "d"].map((access_token) =>
      ask("POST", "/oauth-tokens", { ...GRANT, access_token })
    ),
  );
  deepEqual(answers.map(({ status }) => status), [201, 201, 201, 201]);
  match((await (await ask("GET", "/oauth-tokens/google")).json()).access_token, /^[abcd]$/);
});

Deno.test("connections are listed with their status, and deleted", async () => {
  const { ask } = start();
  const list = async () => (await (await ask("GET", "/oauth-tokens")).json()).data;
  deepEqual((await list())[0].status, "not_connected");
  await ask("POST", "/oauth-tokens", GRANT);
  const connected = await list();
  equal(connected[0].status, "connected");
  doesNotMatch(JSON.stringify(connected), /ya29|1\/\/|v1:/);

  const deleted = await ask("DELETE", "/oauth-tokens/google");
  deepEqual([deleted.status, await deleted.json()], [200, { provider: "google", deleted: true }]);
  equal((await list())[0].status, "not_connected");
  for (const method of ["GET", "DELETE"]) {
    equal((await ask(method, "/oauth-tokens/google")).status, 404);
  }
});

Deno.test("every operation requires authentication", async () => {
  const { ask } = start();
  for (
    const [method, path] of [
      ["GET", "/oauth-tokens"],
      ["POST", "/oauth-tokens"],
      ["GET", "/oauth-tokens/google"],
      ["DELETE", "/oauth-tokens/google"],
    ] as const
  ) {
    equal((await ask(method, path, method === "POST" ? GRANT : undefined, "")).status, 401, path);
  }
  equal((await ask("PUT", "/oauth-tokens/google", GRANT)).status, 405);
});

for (
  const [what, change, param] of [
    ["no provider", { provider: undefined }, "provider"],
    ["a provider that is no name", { provider: "Google!" }, "provider"],
    ["no access token", { access_token: undefined }, "access_token"],
    ["an empty access token", { access_token: "" }, "access_token"],
    ["a token of 16 KiB and one", { access_token: "a".repeat(16 * 1024 + 1) }, "access_token"],
    ["a token with a space", { refresh_token: "a b" }, "refresh_token"],
    ["a token in another script", { access_token: "tökén" }, "access_token"],
    ["a token with a line break", { access_token: "a\r\nx-admin: 1" }, "access_token"],
    ["a token that is a number", { refresh_token: 123_456_789 }, "refresh_token"],
    ["a nested token that is none", {
      ...{ access_token: undefined, data: { access_token: "tökén" } },
    }, "access_token"],
  ] as const
) {
  Deno.test(`${what} is refused by name, and nothing is stored`, async () => {
    const { ask, database, lines } = start();
    const response = await ask("POST", "/oauth-tokens", { ...GRANT, ...change });
    equal(response.status, 400);
    const body = await response.json();
    equal(body.error.param, param);
    doesNotMatch(JSON.stringify(body) + lines.join(), /ya29|1\/\/refresh|tökén|hush|123456789/);
    equal(database.connections.size, 0);
  });
}

for (
  const [what, body, status] of [
    ["1 MB", JSON.stringify({ ...GRANT, access_token: "a".repeat(1024 * 1024) }), 413],
    ["no JSON", "access_token=ya29.access", 400],
    ["a list", "[]", 400],
    ["a NUL", JSON.stringify({ ...GRANT, scope: "\0" }), 400],
  ] as const
) {
  Deno.test(`a body of ${what} is refused with ${status}`, async () => {
    const { ask, database } = start();
    const response = await ask("POST", "/oauth-tokens", body);
    equal(response.status, status);
    await response.body?.cancel();
    equal(database.connections.size, 0);
  });
}

for (const name of ["Google", "no-body", "../google", "google%2Fx", "__proto__", "%00"]) {
  Deno.test(`there are no tokens of "${name}"`, async () => {
    const { ask } = start();
    const response = await ask("GET", `/oauth-tokens/${name}`);
    equal(response.status, 404);
    await response.body?.cancel();
  });
}

Deno.test("no body and no path makes the function fail", async () => {
  const { ask } = start();
  // Mostly valid values, so that usually a single field is invalid.
  const field = (usual: unknown, ...others: fc.Arbitrary<unknown>[]) =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constant(usual) },
      ...[...others, fc.string({ unit: "binary" }), fc.jsonValue()]
        .map((arbitrary) => ({ weight: 1, arbitrary })),
    );
  const body = fc.oneof(
    fc.string(),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.record({
      provider: field("google"),
      access_token: field("ya29.access"),
      refresh_token: field(null),
      token_type: field("Bearer"),
      scope: field("calendar"),
      expires_in: field(3600, fc.double(), fc.integer()),
    }, { requiredKeys: ["provider", "access_token"] }).map((value) => JSON.stringify(value)),
  );
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(body, fc.webPath(), async (text, path) => {
      const stored = await ask("POST", "/oauth-tokens", text);
      const fetched = await ask("GET", `/oauth-tokens${path.startsWith("/") ? path : `/${path}`}`);
      for (const response of [stored, fetched]) {
        seen.add(response.status);
        const answer = await response.text();
        ok(response.status < 500, `${response.status} ${answer}`);
      }
    }),
    { numRuns: 200 },
  );
  ok(seen.has(201) && seen.has(400) && seen.has(404), [...seen].join());
});
