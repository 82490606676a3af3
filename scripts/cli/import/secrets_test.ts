import { deepEqual, equal, match } from "node:assert/strict";
import { createKeyring } from "../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey } from "../../../functions/_shared/crypto/stored_key.ts";
import { createTokenSeal } from "../../../functions/oauth-tokens/token_seal.ts";
import { withProject } from "./fixtures/with-project.ts";

const alice = "00000000-0000-4000-8000-00000000000a";
const secrets = [
  "plain-access",
  "plain-refresh",
  "sk-plain-openai-1234",
  "sk-config",
  "sk-nested",
  "sk-camel",
];

/** Tokens and keys in plain text, where old systems keep them. */
const old = `
  create schema old;
  create table old.profiles (id uuid primary key, full_name text);
  insert into old.profiles values ('${alice}', 'Alice');
  create table old.organizations (id uuid primary key, name text, created_by uuid);
  create table old.organization_members (id integer primary key, organization_id uuid, user_id uuid, role text);
  create table old.mcp_sessions (id uuid primary key, session_id text, user_id uuid, oauth_data text);
  insert into old.mcp_sessions values
    (gen_random_uuid(), 'with-tokens', '${alice}', '{"provider": "GitHub", "access_token": "plain-access",
      "refresh_token": "plain-refresh", "expires_at": "2030-01-01T00:00:00Z"}'),
    (gen_random_uuid(), 'elsewhere', '${alice}', '{"provider": "nowhere", "access_token": "plain-access"}');
  create table old.user_api_keys (id integer primary key, user_id uuid, provider text, api_key text, name text);
  insert into old.user_api_keys values (1, '${alice}', 'open_ai', 'sk-plain-openai-1234', 'Mine'),
    (2, '${alice}', 'mystery', 'sk-plain-openai-1234', null);
  create table old.bots (id integer primary key, name text, config jsonb, created_by uuid);
  insert into old.bots values
    (1, 'Bot', '{"api_key": "sk-config", "tools": [{"client_secret": "sk-nested"}]}', '${alice}'),
    (2, null, '{"api_key": "sk-config", "refreshToken": "sk-camel", "tools": [{"client_secret": "sk-nested"}]}', '${alice}');
  create table old.chat_sessions (id integer primary key, bot_id integer);
  create table old.chat_messages (id integer primary key, session_id integer, role text, text text)`;

Deno.test("tokens and keys in plain text are stored encrypted, or wait, and are shown nowhere", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const keys = JSON.stringify({ active: "k1", keys: { k1: btoa(String.fromCharCode(...bytes)) } });
  const project = { isMigrated: true, keyring: undefined as string | undefined };
  await withProject(project, async ({ sql, run }) => {
    await sql.unsafe(old);
    const said: string[] = [];
    const expectNoSecrets = async () => {
      const rows = await sql<
        { text: string }[]
      >`select q::text as text from agentbase_import.quarantine q`;
      const text = [...said, ...rows.map(({ text }) => text)].join("\n");
      deepEqual(secrets.filter((secret) => text.includes(secret)), []);
    };
    said.push(...(await run("--from", "old", "--plan")).lines);
    said.push(...(await run("--from", "old", "--apply")).lines);
    match(said.join("\n"), /2 vendor keys of user_api_keys wait in the quarantine/);
    const waiting = await sql`
      select from agentbase_import.quarantine where reason like '%KEY_ENCRYPTION_KEYS%'`;
    equal(waiting.length, 3, "two sessions and a key");
    await expectNoSecrets();

    // With the keyring they are stored as the functions store them.
    project.keyring = keys;
    said.push(...(await run("--from", "old", "--apply")).lines);
    match(said.join("\n"), /OAuth tokens of 1 sessions are stored encrypted/);
    match(said.join("\n"), /1 vendor keys of user_api_keys are stored encrypted/);
    const keyring = createKeyring(keys);
    const [session] = await sql`
      select session_id, user_id, oauth_status, oauth_data ->> 'ciphertext' as ciphertext, oauth_expires_at
      from public.mcp_sessions where oauth_provider = 'github'`;
    equal(session?.oauth_status, "connected");
    equal(session?.oauth_expires_at.toISOString(), "2030-01-01T00:00:00.000Z");
    const tokens = await createTokenSeal(keyring).open(session?.ciphertext, {
      userId: alice,
      provider: "github",
      sessionId: "with-tokens",
    });
    deepEqual([tokens.access_token, tokens.refresh_token], ["plain-access", "plain-refresh"]);
    const [key] = await sql`
      select id, encrypted_key, key_preview, display_name from public.user_api_keys
      where user_id = ${alice}`;
    const binding = bindingOfKey({ id: key?.id, user_id: alice, vendor_id: "openai" });
    equal(await keyring.decrypt(key?.encrypted_key, binding), "sk-plain-openai-1234");
    deepEqual([key?.key_preview, key?.display_name], ["1234", "Mine"]);
    await expectNoSecrets();
    equal((await run("--from", "old", "--verify")).code, 0);

    await run("--from", "old", "--revert");
    equal((await sql`select from public.user_api_keys where user_id = ${alice}`).length, 0);
    equal((await sql`select from public.mcp_sessions where user_id = ${alice}`).length, 0);
  });
});
