import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { withProject } from "./fixtures/with-project.ts";

const alice = "00000000-0000-4000-8000-00000000000a";

/** Bots with values that are legal in Postgres and rare elsewhere: only some of them can be imported. */
const old = `
  create schema "Old App";
  set local search_path = "Old App";
  create type kind as enum ('Human', 'BOT', 'assistant');
  create table bots (id bigint generated always as identity primary key, name text, config jsonb,
    created_by uuid, slug text generated always as (lower(name)) stored);
  create table chat_sessions (id integer primary key, bot_id bigint, user_id uuid, created_at timestamptz);
  create table chat_messages (id integer, session_id integer, role kind, text text, "timestamp" timestamptz,
    primary key (id, session_id)) partition by range (id);
  create table chat_messages_1 partition of chat_messages for values from (0) to (1000);
  create table chat_messages_2 partition of chat_messages for values from (1000) to (2000);
  create table usage_logs (bot_id bigint, user_id uuid, session_id integer, provider text, model text,
    tokens_used numeric, cost numeric, created_at timestamptz) partition by range (tokens_used);
  create table usage_logs_1 partition of usage_logs for values from (minvalue) to (100);
  create table usage_logs_2 partition of usage_logs default;
  insert into bots (name, config, created_by) values
    ('List', '[1, 2]', '${alice}'), ('Bot', '{"provider": "OpenAI", "model": "gpt-4o"}', '${alice}'),
    ('Text', '"text"', '${alice}'), ('Numbers', '{"temperature": "NaN", "max_tokens": 1e400}', '${alice}');
  insert into chat_sessions select n, 2, '${alice}', moment::timestamptz
  from (values (1, 'infinity'), (2, '0044-03-15 BC'), (3, '-infinity'), (4, '2026-11-01 12:00+05:45'))
    sessions (n, moment);
  insert into chat_messages select n, 4, role::kind, text, moment::timestamptz
  from (values (1, 'Human', 'hi 🦊', '2026-11-01'), (2, 'BOT', 'x', '2026-11-02'), (3, 'Human', 'late', 'infinity'),
    (1001, 'BOT', 'early', '0044-03-15 BC'), (1002, 'assistant', repeat('x', 1100000), '2026-11-03'))
    messages (n, role, text, moment);
  insert into usage_logs
  select 2, '${alice}', 4, 'openai', 'gpt-4o', tokens::numeric, cost::numeric, moment::timestamptz
  from (values ('9', '0.5', '2026-11-01'), ('101', '0.25', '2026-11-01'), ('10', 'NaN', '2026-11-01'),
    ('200', '-5', '2026-11-01'), ('NaN', '1', '2026-11-01'), ('99999999999999999999', '1', '2026-11-01'),
    ('5', 'infinity', '2026-11-01'), ('6', '1', 'infinity'), ('7', '1', '0044-03-15 BC'),
    ('8', '1e30', '2026-11-01')) logs (tokens, cost, moment)`;

/** Why rows wait, each with how often. */
async function reasons(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select mapping || ' ' || count(*) || ': ' || regexp_replace(left(reason, 70), '\\d\\d:.*', '…') as line
    from agentbase_import.quarantine group by mapping, regexp_replace(left(reason, 70), '\\d\\d:.*', '…') order by 1`;
  return rows.map(({ line }) => line);
}

Deno.test("rare values are imported or wait with a reason, from every kind of table", async () => {
  await withProject({ isMigrated: true }, async ({ sql, run }) => {
    await sql.begin((transaction) => transaction.unsafe(old));
    const { lines } = await run("--from", "Old App", "--plan");
    equal(lines.join("\n").includes("Not imported"), false, "partitions are tables");
    await run("--from", "Old App", "--apply");
    deepEqual(await reasons(sql), [
      "chat_messages 2: created_at is not between 1970 and 21…",
      "chat_sessions 3: started_at is not between 1970 and 21…",
      "usage_logs 1: bigint out of range",
      "usage_logs 1: cannot convert NaN to bigint",
      "usage_logs 1: numeric field overflow: A field with precision 20, scale 10 cannot hol",
      "usage_logs 1: numeric field overflow: A field with precision 20, scale 10 must round",
      'usage_logs 2: new row for relation "ai_interactions" violates check constraint "cost',
      "usage_logs 2: started_at is not between 1970 and 21…",
    ]);
    const { code, lines: compared } = await run("--from", "Old App", "--verify");
    equal(code, 0, compared.join("\n"));
    const costs = await sql<{ line: string }[]>`
      select input_tokens || ' ' || trim_scale(total_cost) as line from public.ai_interactions
      where source = 'import' order by 1`;
    deepEqual(costs.map(({ line }) => line), ["101 0.25", "9 0.5"]);
    const said = await sql<{ line: string }[]>`
      select role || ' ' || left(content, 5) as line from public.chat_messages order by seq`;
    deepEqual(said.map(({ line }) => line), ["user hi 🦊", "assistant x", "assistant xxxxx"]);
    const [list] = await sql`select config from public.agents where name = 'List'`;
    deepEqual(list?.config, { slug: "list", value: [1, 2] });

    // Corrected, a row is imported; what cannot be found otherwise is reverted, too.
    await sql`
      update agentbase_import.quarantine
      set corrected_row = row || '{"created_at": "2026-11-04"}' where reason like 'started_at%infinity'
        and mapping = 'usage_logs'`;
    const { lines: [retried] } = await run("--from", "Old App", "--retry");
    match(retried ?? "", /^1 of \d+ rows are imported now/);
    equal((await run("--from", "Old App", "--verify")).code, 0);
    await run("--from", "Old App", "--revert");
    equal((await sql`select from public.ai_interactions where source = 'import'`).length, 0);

    // Rows of views cannot be numbered.
    await sql.unsafe(`
      create schema viewed;
      create view viewed.bots as select * from "Old App".bots;
      create view viewed.chat_sessions as select * from "Old App".chat_sessions;
      create view viewed.chat_messages as select * from "Old App".chat_messages`);
    await rejects(
      run("--from", "viewed", "--plan"),
      /bots, chat_messages, chat_sessions are views/,
    );
  });
});

const dump = `
  create schema app;
  create table app.bots (id serial primary key, name text, config json, created_by uuid);
  create table app.chat_sessions (id serial primary key, bot_id integer, user_id uuid);
  create table app.chat_messages (id serial primary key, session_id integer, role text, text text);
  insert into app.bots values (1, 'Old', '{"provider": "openai"}', '${alice}');
  insert into app.chat_sessions values (1, 1, '${alice}');
  insert into app.chat_messages values (1, 1, 'human', 'Héllo');`;

Deno.test("what cannot be read whole is refused, and what can is found", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-dumps-" });
  await withProject({ isMigrated: true }, async ({ sql, url, adminUrl, run }) => {
    const path = (name: string) => join(folder, name);
    const packed = new Blob([dump]).stream().pipeThrough(new CompressionStream("gzip"));
    await Deno.writeFile(path("packed.sql.gz"), packed);
    await rejects(run("--from", path("packed.sql.gz"), "--apply"), /some in app: .*--schema/);
    await run("--from", path("packed.sql.gz"), "--schema", "app", "--apply");
    equal((await sql`select from public.chat_messages where content = 'Héllo'`).length, 1);
    equal((await run("--from", path("packed.sql.gz"), "--verify")).code, 0);
    await run("--from", path("packed.sql.gz"), "--revert");

    // Other characters would be imported in silence.
    const latin = Uint8Array.from(dump, (letter) => letter.charCodeAt(0));
    await Deno.writeFile(path("latin.sql"), latin);
    await rejects(run("--from", path("latin.sql"), "--apply"), /is damaged, or is not UTF-8/);
    const row = `[{"request_id": "r1", "model": "é"}]`;
    await Deno.writeFile(
      path("latin.json"),
      Uint8Array.from(row, (letter) => letter.charCodeAt(0)),
    );
    await rejects(run("--from", path("latin.json"), "--apply"), /is damaged, or is not UTF-8/);
    await rejects(run("--from", path("data.xlsx"), "--apply"), /A dump of pg_dump ends with/);
    // A website has a folder "public" with a manifest, which is no export.
    await Deno.mkdir(path("public"));
    await Deno.writeTextFile(path("public/manifest.json"), '{"name": "App"}');
    await rejects(run("--from", path("public"), "--apply"), /not a file that can be imported/);

    // A role from which policies hide rows does not see fewer: it is refused.
    await using admin = await connect(adminUrl);
    await admin.sql`create role reader login password 'reader'`;
    await sql`create database hidden`;
    const address = url.replace(/\/postgres$/, "/hidden");
    await using other = await connect(address);
    await other.sql.unsafe(`
      ${dump} alter table app.bots enable row level security;
      grant usage on schema app to reader; grant select on all tables in schema app to reader`);
    const source = address.replace(/\/\/[^@]+@/, "//reader:reader@");
    const isRefused = /Cannot read all rows: .*row-level security.*BYPASSRLS/;
    await rejects(run("--from", source, "--schema", "app", "--apply"), isRefused);
    await other.sql`alter table app.bots disable row level security`;
    await other.sql`alter table app.bots rename to all_bots`;
    await other.sql`create view app.bots as select all_bots.* from app.all_bots, pg_sleep(2.5)`;
    await other.sql`grant select on app.bots to reader`;
    // Whatever time the role has for a statement.
    await admin.sql`alter role reader set statement_timeout = '2s'`;
    const { lines: applied } = await run("--from", source, "--schema", "app", "--apply");
    match(applied.at(-1) ?? "", /--from 'postgresql:\/\/reader:\*\*\*@.*' --verify"\.$/);
    equal(applied.join().includes("reader:reader"), false, "its password is shown");
    equal((await sql`select from public.agents where name = 'Old'`).length, 1, "of the view");
    equal((await run("--from", source, "--verify")).code, 0);
    await expectSameSchema(run, source);
  });
  await Deno.remove(folder, { recursive: true });
});

type Run = (...args: string[]) => Promise<{ code: number; lines: string[] }>;

/** An import goes on with the schema that it began with: app. */
async function expectSameSchema(run: Run, source: string): Promise<void> {
  for (const action of ["--copy", "--apply", "--verify", "--retry", "--revert"]) {
    await rejects(
      run("--from", source, "--schema", "public", action),
      /schema "copied_hidden" has the copy of schema "app" of the same source.*--schema out/,
    );
  }
  await rejects(run("--from", "viewed", "--schema", "app", "--plan"), /Cannot use --schema: /);
  await run("--from", source, "--apply");
  equal((await run("--from", source, "--schema", "app", "--verify")).code, 0);
  await run("--from", source, "--revert");
  for (const address of [source, "postgresql://reader:rea/der@nowhere:x/y"]) {
    const error = await run("--from", address, "--verify").then(() => null, String);
    match(error ?? "", /^CommandError: Cannot (verify "postgresql:|read the address)/);
    equal(/rea\/?der@/.test(error ?? ""), false, "a password is shown");
  }
}

async function connect(url: string): Promise<AsyncDisposable & { sql: Sql }> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql`select`;
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}
