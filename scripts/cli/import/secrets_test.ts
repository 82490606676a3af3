import { deepEqual, equal, match } from "node:assert/strict";
import { createKeyring } from "../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey } from "../../../functions/_shared/crypto/stored_key.ts";
import { createTokenSeal } from "../../../functions/oauth-tokens/token_seal.ts";
import type { Sql } from "postgres";
import { withProject } from "./fixtures/with-project.ts";

const alice = "00000000-0000-4000-8000-00000000000a";
const secrets = [
  "plain-access",
  "plain-refresh",
  "sk-plain-openai-1234",
  "sk-config",
  "sk-nested",
  "sk-camel",
  "plain-token",
  "plain-cookie",
  "plain-bearer-0123456789",
  "plain-aws",
  "plain-in-address",
  "plain-first",
  "plain-user",
  "plain-pin",
  "plain-kind",
  "plain-line-0123456789",
  "plain-raw",
  "plain-text",
  "plain-default",
  "plain-setting",
  "plain-notes",
  "plain-bio",
  "plain-part",
  "plain-pem",
  "plain-rest",
  "plain-labelled",
  "plain-capital",
  "731731",
];

/** Tokens and keys in plain text, where old systems keep them. */
const old = `
  create schema old;
  create table old.profiles (id uuid primary key, full_name text, api_token text,
    password_changed_at timestamptz, preferences jsonb, extras json, notes text, bio text);
  insert into old.profiles values ('${alice}', 'Alice', 'plain-token', '2026-01-01Z',
    '{"theme": "dark", "session_cookie": "plain-cookie"}', '{"a": 1, "apiKey": "plain-first"}',
    '{"password": "plain-notes", "size": 1}', 'My key is sk-plain-bio-0123456789, keep it');
  create table old.organizations (id uuid primary key, name text, created_by uuid, settings jsonb);
  insert into old.organizations values ('00000000-0000-4000-8000-0000000000f1', 'Old', '${alice}',
    '{"temperature": "hot", "webhook_secret": "plain-setting"}');
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
    (1, 'Bot', '{"api_key": "sk-config", "plugins": [{"client_secret": "sk-nested", "name": "search"}],
      "sent": [{"name": "Authorization", "value": "plain-bearer"}, {"name": "Accept", "value": "*/*"},
        {"name": "Of the shop", "key": "x-api-key", "value": "plain-labelled"}, {"Name": "DB_PASSWORD", "Value": "plain-capital"}],
      "line": "Bearer plain-bearer-0123456789", "aws_secret_access_key": "plain-aws",
      "database": "postgresql://app:plain-in-address@db.example/app", "api_keys": ["plain-first", ""],
      "credentials": {"user": "plain-user", "port": 5}, "tokenizer": "cl100k", "max_prompt_tokens": "500",
      "keyboard": "qwerty", "greeting": "Use sk-plain-part-0123456789 here", "passwords": {"door": 731731},
      "pem": "Sign with -----BEGIN RSA PRIVATE KEY-----\\nProc-Type: 4,ENCRYPTED\\nDEK-Info: AES-256-CBC,01\\n\\nplain-pem\\n-----END RSA PRIVATE KEY-----, always",
      "cut": "-----BEGIN PGP PRIVATE KEY BLOCK-----\\nComment: a-b\\n\\nplain-rest",
      "model": "hf-internal-testing/tiny-random-LlamaForCausalLM", "secretary": "Eve", "service_keywords": ["pipes"], "pin": "plain-pin",
      "written": "{\\"password\\": \\"plain-text\\"}", "form": {"type": "object", "properties": {"password":
        {"type": "string", "description": "Of the shop", "default": "plain-default"}}}}', '${alice}'),
    (2, null, '{"api_key": "sk-config", "refreshToken": "sk-camel", "tools": [{"client_secret": "sk-nested"}]}', '${alice}'),
    (3, 'Lines', '{"line": "first\\nsk-plain-line-0123456789"}', '${alice}');
  create table old.usage_logs (access_token text primary key, bot_id integer, user_id uuid, provider text,
    raw text);
  insert into old.usage_logs values
    ('plain-token', 1, '${alice}', 'mystery', '{"password": "plain-raw", "size": 1}');
  create table old.chat_sessions (id integer primary key, bot_id integer);
  create table old.chat_messages (id integer primary key, session_id integer, role text, text text)`;

Deno.test("tokens and keys in plain text are stored encrypted, or wait, and are shown nowhere", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const keys = JSON.stringify({ active: "k1", keys: { k1: btoa(String.fromCharCode(...bytes)) } });
  const project = { isMigrated: true, keyring: undefined as string | undefined };
  await withProject(project, async ({ sql, run, load }) => {
    await sql.unsafe(old);
    await load("enum-agents", "old_agents");
    await sql`
      insert into old_agents.ai_agent_configs (id, agent_id, user_id, config_key, config_value)
      select gen_random_uuid(), id, user_id, 'webhook_secret', '"plain-kind"'
      from old_agents.ai_agents where name like 'Claude%'`;
    const said: string[] = [];
    const expectNoSecrets = async () => {
      const rows = await sql<
        { text: string }[]
      >`select q::text as text from agentbase_import.quarantine q`;
      const shared = await sql<{ text: string }[]>`
        select to_jsonb(agents)::text as text from public.agents
        union all select to_jsonb(profiles)::text from public.profiles
        union all select to_jsonb(organizations)::text from public.organizations
        union all select to_jsonb(configs)::text from public.ai_agent_configs configs`;
      const text = [...said, ...[...rows, ...shared].map(({ text }) => text)].join("\n");
      deepEqual(secrets.filter((secret) => text.includes(secret)), []);
    };
    said.push(...(await run("--from", "old", "--plan")).lines);
    match(said.join("\n"), /left out, because the name says that it is a secret: api_token/);
    match(
      said.join("\n"),
      /noted in the quarantine: 3 rows, left out of config, because it is a secret/,
    );
    said.push(...(await run("--from", "old", "--apply")).lines);
    said.push(...(await run("--from", "old_agents", "--apply")).lines);
    await expectDocuments(sql);
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

/** What is no secret is kept, and what is left out is noted with its place. */
async function expectDocuments(sql: Sql): Promise<void> {
  const [agent] = await sql`select config, model_name from public.agents where name = 'Bot'`;
  equal(agent?.model_name, "hf-internal-testing/tiny-random-LlamaForCausalLM");
  deepEqual(agent?.config, {
    plugins: [{ name: "search" }],
    sent: [
      { name: "Authorization" },
      { name: "Accept", value: "*/*" },
      { name: "Of the shop", key: "x-api-key" },
      { Name: "DB_PASSWORD" },
    ],
    api_keys: ["[redacted]", ""],
    credentials: { port: 5 },
    tokenizer: "cl100k",
    max_prompt_tokens: "500",
    keyboard: "qwerty",
    greeting: "Use [redacted] here",
    pem: "Sign with [redacted], always",
    database: "postgresql://app:[redacted]@db.example/app",
    written: "{}",
    passwords: {},
    secretary: "Eve",
    service_keywords: ["pipes"],
    form: {
      type: "object",
      properties: { password: { type: "string", description: "Of the shop" } },
    },
  });
  const [profile] = await sql`
    select preferences, extras, password_changed_at is not null as is_dated, notes, bio
    from public.profiles where id = ${alice}`;
  deepEqual(profile, {
    preferences: { theme: "dark" },
    extras: { a: 1 },
    is_dated: true,
    notes: '{"size": 1}',
    bio: "My key is [redacted], keep it",
  });
  const noted = await sql<{ line: string }[]>`
    select concat_ws(' ', mapping, key, reason) as line from agentbase_import.quarantine
    where reason like '%secret%' or mapping = 'usage_logs' and source = 'old' order by 1`;
  deepEqual(noted.map(({ line }) => line.replace(/"id": "[0-9a-f-]{36}"/, '"id": "…"')), [
    'ai_agent_configs {"id": "…"} it is a secret in plain text: enter it again with PUT /agent-configs, which encrypts it: webhook_secret',
    'bots {"id": 1} left out of config, because it is a secret: api_key, api_keys.0, aws_secret_access_key, credentials.user, cut, database, form.properties.password.default, greeting, line, passwords.door, pem, pin, plugins.0.client_secret, sent.0.value, sent.2.value, sent.3.Value, written',
    'bots {"id": 3} left out of config, because it is a secret: line',
    'organizations {"id": "…"} left out of settings, because it is a secret: webhook_secret',
    'organizations {"id": "…"} settings that chats cannot use were left out: {"temperature": "hot", "webhook_secret": "[redacted]"}',
    `profiles {"id": "…"} left out of bio, because it is a secret: a part of the text`,
    `profiles {"id": "…"} left out of extras, because it is a secret: apiKey`,
    `profiles {"id": "…"} left out of notes, because it is a secret: a part of the text`,
    `profiles {"id": "…"} left out of preferences, because it is a secret: session_cookie`,
    'usage_logs {"access_token": "[redacted]"} the vendor is not in vendors: add it with add_vendor(), or map it in the file of --mapping: {"labels": {"vendors": {"its vendor": "openai"}}}: mystery',
  ]);
}
