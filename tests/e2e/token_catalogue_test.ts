import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createAuthenticate } from "../../functions/_shared/auth/person.ts";
import { acceptAccessKeys } from "../../functions/_shared/auth/caller.ts";
import { dataApi } from "../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../functions/_shared/database/sql_caller.ts";
import { parseEnv } from "../../functions/_shared/core/env.ts";
import { modelsDatabase } from "../../functions/_shared/gateway/model_list.ts";
import { handleModels } from "../../functions/models/handler.ts";
import { badTokens } from "../functions/support/token_catalogue.ts";
import { claims, makeKey, signWith, startKeyServer } from "../functions/support/tokens.ts";
import { signUp, stack } from "./support/stack.ts";

const ISSUER = `${stack.API_URL}/auth/v1`;
const [key, stranger] = await Promise.all([makeKey("current"), makeKey("stranger")]);
const project = { issuer: ISSUER, key, stranger, secret: stack.JWT_SECRET };

/**
 * Endpoints that require authentication, with a body that an authenticated caller would get an
 * answer to.
 */
const doors: [path: string, body: object | null][] = [
  ["/chat/completions", {
    model: "gemini-1.5-flash",
    messages: [{ role: "user", content: "Hello." }],
  }],
  ["/embeddings", { model: "gemini-1.5-flash", input: "hello" }],
  ["/models", null],
  ["/models/droid%2Fgpt-4o", null],
  ["/access-keys", { name: "CI" }],
  [`/access-keys/${crypto.randomUUID()}/rotate`, {}],
  ["/keys", { vendor_id: "openai", key: `sk-${"a".repeat(40)}` }],
  [`/keys/${crypto.randomUUID()}/decrypt`, {}],
  ["/oauth-tokens", null],
  ["/oauth-tokens", { provider: "google", access_token: "x" }],
  ["/oauth-tokens/google", null],
  ["/webhooks", { organization_id: crypto.randomUUID(), name: "x", url: "https://example.com" }],
  [`/webhooks/${crypto.randomUUID()}/rotate`, {}],
  ["/agent-configs", { agent_id: crypto.randomUUID(), config_key: "x", config_value: 1 }],
];

const ask = (path: string, body: object | null, authorization: string | null) =>
  fetch(stack.FUNCTIONS_URL + path, {
    method: body === null ? "GET" : "POST",
    headers: { ...authorization === null ? {} : { authorization } },
    body: body && JSON.stringify(body),
  });

for (const [path, body] of doors) {
  Deno.test(`the stack lets no one in to ${body === null ? "GET" : "POST"} ${path.replace(/[0-9a-f-]{36}/, "{id}")} without a valid token`, async () => {
    for (const bad of await badTokens(project)) {
      const response = await ask(path, body, bad.authorization);
      const { error } = await response.json();
      // The stack's own issuer publishes no keys, so its signatures count as those of an unknown
      // key.
      const foreign = bad.code === "token_expired" || /^ES256,/.test(bad.what);
      equal(response.status, 401, bad.what);
      if (foreign) ok(["invalid_token", bad.code].includes(error.code), bad.what);
      else equal(error.code, bad.code, bad.what);
      match(error.message, /Send "Authorization: Bearer <access token>"/);
    }
  });
}

Deno.test("a user's token reads that user's data only", async () => {
  const [ann, eve] = await Promise.all([signUp("ann"), signUp("eve")]);
  const [path, body] = doors[0]!;
  const mine = await ask(path, body, `Bearer ${ann.accessToken}`);
  await mine.body?.cancel();
  const session = mine.headers.get("x-session-id")!;
  const theirs = await fetch(stack.FUNCTIONS_URL + path, {
    method: "POST",
    headers: { authorization: `Bearer ${eve.accessToken}`, "x-session-id": session },
    body: JSON.stringify(body),
  });
  const nobodys = await fetch(stack.FUNCTIONS_URL + path, {
    method: "POST",
    headers: { authorization: `Bearer ${eve.accessToken}`, "x-session-id": "sess_none" },
    body: JSON.stringify(body),
  });
  deepEqual([theirs.status, nobodys.status], [404, 404]);
  deepEqual(await theirs.json(), await nobodys.json(), "and does not tell that there is something");
});

Deno.test("a token signed with ES256 identifies its user in the real database", async () => {
  const ann = await signUp("ann");
  await using keys = startKeyServer(key);
  const env = parseEnv({
    SUPABASE_URL: stack.API_URL,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.SECRET_KEY }),
    SUPABASE_JWKS_URL: keys.url,
  });
  const deps = {
    now: Date.now,
    log: () => {},
    authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
    database: modelsDatabase(createSqlCaller(dataApi(env, fetch))),
    limiter: { count: () => Promise.resolve(null), learn: () => {}, forget: () => {} },
  };
  const list = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await handleModels(new Request("http://127.0.0.1/models", { headers }), deps);
    return { status: response.status, body: await response.json() };
  };
  const known = await list(await signWith(key, claims({ iss: ISSUER, sub: ann.id })));
  equal(known.status, 200);
  ok(known.body.data.length >= 7);
  const gone = await list(
    await signWith(key, claims({ iss: ISSUER, sub: crypto.randomUUID() })),
  );
  deepEqual([gone.status, gone.body.error.code], [401, "user_not_found"]);
  const hs256 = await list(ann.accessToken);
  deepEqual([hs256.status, hs256.body.error.code], [401, "invalid_token"], "no secret is set here");
});
