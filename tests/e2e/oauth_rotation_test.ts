import { deepEqual, equal, ok } from "node:assert/strict";
import { dataApi } from "../../functions/_shared/database/client.ts";
import { createSqlCaller } from "../../functions/_shared/database/sql_caller.ts";
import type { Keyring } from "../../functions/_shared/crypto/envelope.ts";
import { configsDatabase } from "../../functions/agent-configs/db.ts";
import { handleAgentConfigs } from "../../functions/agent-configs/handler.ts";
import { rotate } from "../../functions/keys/rotate.ts";
import { rotationDatabase } from "../../functions/keys/rotation_db.ts";
import { oauthDatabase } from "../../functions/oauth-tokens/db.ts";
import { keyringOf, oauthIsolate, randomKey } from "../functions/support/oauth_fixture.ts";
import { CLIENT } from "../functions/support/oauth_server.ts";
import { PROVIDER, startProvider } from "./support/oauth_provider.ts";
import { type Person, signUp, stack } from "./support/stack.ts";

const call = createSqlCaller(
  dataApi({ supabaseUrl: stack.API_URL, secretKey: stack.SECRET_KEY }, fetch),
);
// Separate keys, so that values encrypted by the stack are not touched.
const [first, second] = [{ r1: randomKey() }, { r2: randomKey() }];
const before = keyringOf(first);
const during = keyringOf({ ...second, ...first });
const after = keyringOf(second);

/** The function oauth-tokens with these keys. */
const isolate = (keyring: Keyring) =>
  oauthIsolate({
    keyring,
    database: oauthDatabase(call),
    variables: new Map([
      ["E2E_PROVIDER_OAUTH_CLIENT_ID", CLIENT.id],
      ["E2E_PROVIDER_OAUTH_CLIENT_SECRET", CLIENT.secret],
    ]),
  });

async function take(keyring: Keyring, person: Person) {
  const response = await isolate(keyring)
    .ask("GET", `/oauth-tokens/${PROVIDER}`, undefined, person.id);
  const { access_token: token, error } = await response.json();
  return { token, code: error?.code };
}

const rotateAll = () => rotate({ batch: 1000 }, during, rotationDatabase(call));

Deno.test("a rotation re-encrypts OAuth tokens and agents' values, after which the old key decrypts none", async () => {
  await using provider = await startProvider();
  const ann = await signUp("ann");
  const grant = provider.server.signIn(3600);
  const body = { provider: PROVIDER, ...grant };
  equal((await isolate(before).ask("POST", "/oauth-tokens", body, ann.id)).status, 201);

  const { data: agent } = await ann.supabase.from("agents").insert({ name: "Rotated" })
    .select("id").single();
  const value = { agent_id: agent!.id, config_key: "token", config_value: { secret: "Grüße" } };
  const stored = await handleAgentConfigs(
    new Request("http://127.0.0.1/agent-configs", { method: "POST", body: JSON.stringify(value) }),
    {
      log: () => {},
      now: Date.now,
      authenticate: () => Promise.resolve({ userId: ann.id, claims: {} }),
      database: configsDatabase(call),
      keyring: before,
    },
  );
  equal(stored.status, 201);
  const { id } = await stored.json();

  const report = await rotateAll();
  ok(report.rotated >= 2);
  deepEqual(report.remaining?.filter(({ key_id }) => key_id === "r1"), []);
  deepEqual(await take(after, ann), { token: grant.access_token, code: undefined });
  deepEqual(await take(before, ann), { token: undefined, code: "undecryptable" });

  const [row] = await provider.sql`
    select config_value from public.ai_agent_configs where id = ${id}`;
  const place = { table: "ai_agent_configs", row: id, owner: ann.id, scope: "token" };
  deepEqual(JSON.parse(await after.decrypt(row!.config_value, place)), value.config_value);
});

Deno.test("a rotation during a refresh loses neither", async () => {
  await using provider = await startProvider();
  const { server } = provider;
  const ann = await signUp("ann");
  const body = { provider: PROVIDER, ...server.signIn(30) };
  equal((await isolate(before).ask("POST", "/oauth-tokens", body, ann.id)).status, 201);
  await provider.makeDue(ann.id);
  server.before = async () => {
    server.before = null;
    ok((await rotateAll()).rotated >= 1);
  };
  const refreshed = await take(during, ann);
  ok(server.accepts(refreshed.token));
  deepEqual(await take(after, ann), refreshed);
  await provider.makeDue(ann.id);
  ok(server.accepts((await take(after, ann)).token));
  deepEqual([server.refreshes, server.reuses], [2, 0]);
});
