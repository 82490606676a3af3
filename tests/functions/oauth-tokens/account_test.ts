import { deepEqual, equal } from "node:assert/strict";
import { accountOf } from "../../../functions/oauth-tokens/account.ts";
import { memoryOAuthDatabase } from "../support/memory_oauth_database.ts";
import { oauthIsolate, testKeyring, USER_ID } from "../support/oauth_fixture.ts";

/** An ID token with these claims. Its signature is not checked. */
function idToken(claims: object): string {
  const part = (value: object) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url" });
  return `${part({ alg: "none" })}.${part(claims)}.x`;
}

for (
  const [what, body, fields, account] of [
    ["Google's ID token", { id_token: idToken({ sub: "108" }) }, ["id_token.sub"], "108"],
    [
      "Microsoft's tenant and subject",
      { id_token: idToken({ tid: "t", sub: "s" }) },
      ["id_token.tid", "id_token.sub"],
      "t:s",
    ],
    [
      "Slack's team and user",
      { team: { id: "T1" }, authed_user: { id: "U1" } },
      ["team.id", "authed_user.id"],
      "T1:U1",
    ],
    ["a number", { user: { id: 7 } }, ["user.id"], "7"],
    ["what the caller names", { account_id: "me", id: "it" }, ["id"], "me"],
    ["a field that is missing", { team: { id: "T1" } }, ["team.id", "authed_user.id"], null],
    ["a token that is none", { id_token: "a.b.c" }, ["id_token.sub"], null],
    ["a text that is no token", { id_token: "text" }, ["id_token.sub"], null],
    ["an object", { id: { a: 1 } }, ["id"], null],
    ["an inherited property", {}, ["constructor.name"], null],
    ["an empty text", { account_id: "", id: "" }, ["id"], null],
    ["a text without end", { id: "x".repeat(300) }, ["id"], null],
    ["nothing to go by", { id: "x" }, [], null],
  ] as const
) {
  Deno.test(`the account of ${what} is ${account ?? "not known"}`, () => {
    equal(accountOf(body, fields), account);
  });
}

function start() {
  const database = memoryOAuthDatabase({
    token_endpoint: "http://127.0.0.1:9/token",
    client_authentication: "post",
    account_fields: ["id_token.sub"],
  });
  const { ask } = oauthIsolate({ database, keyring: testKeyring() });
  const store = async (answer: object) => {
    const response = await ask("POST", "/oauth-tokens", { provider: "google", ...answer });
    equal(response.status, 201);
    return await response.json();
  };
  const token = async () => await (await ask("GET", "/oauth-tokens/google")).json();
  return { store, token, database };
}

const ALICE = { id_token: idToken({ sub: "alice" }) };
const BOB = { id_token: idToken({ sub: "bob" }) };

Deno.test("a second sign-in of the same account keeps the fields that it leaves out", async () => {
  const { store, token, database } = start();
  const first = { access_token: "at1", refresh_token: "rt1", scope: "read", expires_in: 3600 };
  await store({ ...first, ...ALICE, instance_url: "https://alice.test" });
  const second = await store({ access_token: "at2", expires_in: 3600, ...ALICE });
  deepEqual([second.account_id, second.account_changed, second.refreshable], [
    "alice",
    false,
    true,
  ]);
  const { extra, scope, account_id } = await token();
  deepEqual([extra, scope, account_id], [{ instance_url: "https://alice.test" }, "read", "alice"]);
  equal(database.connection(USER_ID).refreshable, true);
});

Deno.test("a sign-in of another account keeps nothing, and the caller is told", async () => {
  const { store, token, database } = start();
  const first = { access_token: "at1", refresh_token: "rt1", scope: "read", expires_in: 3600 };
  await store({ ...first, ...ALICE, instance_url: "https://alice.test" });
  const second = await store({ access_token: "at2", expires_in: 3600, ...BOB });
  deepEqual([second.account_id, second.account_changed, second.refreshable], ["bob", true, false]);
  const { access_token, extra, scope } = await token();
  deepEqual([access_token, extra, scope], ["at2", {}, null]);
  equal(database.connection(USER_ID).refreshable, false);
});

Deno.test("a caller names the account where the provider does not", async () => {
  const { store } = start();
  await store({ access_token: "at1", refresh_token: "rt1", account_id: 17 });
  const same = await store({ access_token: "at2", account_id: "17" });
  deepEqual([same.account_id, same.account_changed, same.refreshable], ["17", false, true]);
  const other = await store({ access_token: "at3", account_id: "18" });
  deepEqual([other.account_id, other.account_changed, other.refreshable], ["18", true, false]);
});

Deno.test("a sign-in without a known account counts as the same account", async () => {
  const { store } = start();
  await store({ access_token: "at1", refresh_token: "rt1", ...ALICE });
  const unknown = await store({ access_token: "at2" });
  deepEqual(
    [unknown.account_id, unknown.account_changed, unknown.refreshable],
    ["alice", false, true],
  );
  const again = await store({ access_token: "at3", ...BOB });
  equal(again.account_changed, true);
});
