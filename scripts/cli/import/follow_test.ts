import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Sql } from "postgres";
import { behindTransaction, startLoad, watchWaits } from "../../common/start-load.ts";
import { withProject } from "./fixtures/with-project.ts";

const alice = "00000000-0000-4000-8000-00000000000a";

/** The design of bots with UUIDs for all keys, so that rows can go both ways. */
const old = `
  create schema live;
  create table live.regions (id uuid primary key);
  insert into live.regions values ('${alice}');
  create table live.bots (id uuid primary key default gen_random_uuid(),
    organization_id uuid references live.regions (id) on delete set null,
    name text not null, config jsonb, invite_token uuid default gen_random_uuid(), is_active boolean default true, created_by uuid,
    created_at timestamptz default now());
  create table live.chat_sessions (id uuid primary key default gen_random_uuid(), bot_id uuid,
    user_id uuid, created_at timestamptz default now());
  create table live.chat_messages (id uuid primary key default gen_random_uuid(), session_id uuid
    references live.chat_sessions (id) on delete cascade, role text, text text,
    "timestamp" timestamptz default now());
  insert into live.bots (id, name, config, created_by)
  values ('b0000000-0000-4000-8000-0000000000aa', 'Live', '{"provider": "openai"}', '${alice}');
  insert into live.chat_sessions (id, bot_id, user_id)
  select ('c0000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
    'b0000000-0000-4000-8000-0000000000aa', '${alice}' from generate_series(1, 200) n;
  insert into live.chat_messages (session_id, role, text)
  select ('c0000000-0000-4000-8000-' || lpad((n % 200 + 1)::text, 12, '0'))::uuid, 'user', 'm' || n
  from generate_series(1, 20000) n`;

const session = (turn: number) =>
  `c0000000-0000-4000-8000-${String(turn % 200 + 1).padStart(12, "0")}`;

/** Reads, and writes, changes and deletes rows of the old tables. */
async function useOldTables(sql: Sql, turn: number): Promise<void> {
  await sql`select text from live.chat_messages where session_id = ${session(turn)} limit 5`;
  await sql.begin(async (transaction) => {
    await transaction`
      insert into live.chat_messages (session_id, role, text)
      values (${session(turn)}, 'bot', ${`old ${turn}`})`;
    await transaction`
      update live.chat_messages set text = ${`edited ${turn}`}
      where id = (select id from live.chat_messages where text = ${`m${turn + 1}`} limit 1)`;
    if (turn % 20 === 0) {
      await transaction`delete from live.chat_messages where text = ${`m${turn + 10_000}`}`;
    }
    if (turn % 10 === 0) {
      await transaction`
        insert into live.chat_sessions (bot_id, user_id)
        values ('b0000000-0000-4000-8000-0000000000aa', ${alice})`;
    }
  });
}

Deno.test("both applications read and write throughout, and find each other's rows", async () => {
  await withProject(
    { isMigrated: true },
    async ({ sql, url, adminUrl, run }) => {
      await sql.unsafe(old);
      // Longer names than Postgres has for what belongs to their tables.
      const other = `other_${"x".repeat(54)}`;
      await sql.unsafe(`
      create schema ${other};
      create table ${other}.bots (like live.bots including all);
      create table ${other}.chat_sessions (like live.chat_sessions including all);
      create table ${other}.chat_messages (like live.chat_messages including all);
      insert into ${other}.bots (name, config, created_by)
      values ('Other', '{"provider": "openai"}', '${alice}')`);
      // Changed rows of a table without a key could not be found.
      await sql.unsafe(`
      create schema keyless;
      create table keyless.bots (like live.bots including all);
      create table keyless.chat_sessions (like live.chat_sessions including all);
      create table keyless.chat_messages (like live.chat_messages)`);
      await rejects(
        run("--from", "keyless", "--apply", "--follow"),
        /chat_messages cannot be followed without a primary key.*Nothing was changed/,
      );
      equal((await sql`select from pg_namespace where nspname = 'agentbase_import'`).length, 0);
      await using watch = watchWaits(adminUrl);
      await using oldApplication = startLoad(url, "old_application", useOldTables);
      await oldApplication.advance(5);
      await behindTransaction(
        url,
        "insert into live.regions values (gen_random_uuid()); update live.chat_sessions set user_id = user_id",
        () => run("--from", "live", "--apply", "--follow"),
        oldApplication,
      );
      await using newApplication = startLoad(url, "new_application", (own, turn) =>
        own`
        insert into public.chat_messages (session_id, role, content)
        values (${session(turn)}, 'assistant', ${`new ${turn}`})`);
      const pause = async () => {
        await Promise.all([oldApplication.pause(), newApplication.pause()]);
      };
      const resume = () => {
        oldApplication.resume();
        newApplication.resume();
      };
      const goOn = async () => {
        await Promise.all([oldApplication.advance(20), newApplication.advance(20)]);
      };
      await goOn();
      await pause();
      await expectEqual(run);
      resume();

      // After the cut-over both go on; what the new tables refuse is an error of the request.
      await run("--from", "live", "--cut-over");
      await goOn();
      await rejects(
        sql`insert into live.chat_messages (session_id, role) values (${session(0)}, 'alien')`
          .execute(),
        /the role is unknown/,
      );
      await pause();
      await expectEqual(run);
      await expectBothSides(sql);
      // While a long transaction is in the way, it waits for it without stopping anyone.
      newApplication.resume();
      await behindTransaction(
        url,
        "lock table live.chat_sessions in row exclusive mode",
        () => run("--from", "live", "--close"),
        newApplication,
      );
      await newApplication.pause();
      await rejects(
        sql`insert into live.chat_messages (role, text) values ('user', 'late')`.execute(),
        /its data are in Agentbase now/,
      );
      // What the old tables only refer to, such as accounts, can still be deleted.
      await sql`delete from live.regions`;

      // And back: the old application goes on, with everything that was written on either side.
      await run("--from", "live", "--undo-cut-over");
      resume();
      await goOn();
      await sql`
      insert into live.chat_messages (session_id, role, text)
      values (${session(1)}, 'user', 'afterwards')`;
      equal((await sql`select from public.chat_messages where content = 'afterwards'`).length, 1);
      await pause();
      await expectBothSides(sql);
      await expectRetries(sql, run);

      await rejects(sql`truncate live.chat_messages`.execute(), /an import follows it row by row/);
      await expectEqual(run);

      // A revert that is refused, or is of another source, leaves the triggers.
      const others = () => sql`select from public.agents where name = 'Other'`;
      await run("--from", other, "--apply");
      equal((await others()).length, 1);
      await run("--from", other, "--revert");
      equal((await others()).length, 0);
      await rejects(run("--from", "live", "--revert"), /were written since the import/);
      await rejects(sql`truncate live.chat_messages`.execute(), /an import follows it row by row/);

      // The old application goes on while everything is removed on the other side.
      const { turns, errors } = await newApplication.stop();
      deepEqual(errors, []);
      oldApplication.resume();
      await run("--from", "live", "--revert", "--discard");
      await oldApplication.advance(20);
      const was = await oldApplication.stop();
      deepEqual(was.errors, []);
      await expectRows(sql, "old", was.turns);
      await expectRows(sql, "new", turns);
      equal((await sql`select from public.chat_messages`).length, 0);
      equal((await sql`select from public.agents where name = 'Live'`).length, 0);
      equal((await sql`select from pg_trigger where tgname like 'agentbase_%'`).length, 0);
      await watch.expectNoChunkWaits();
    },
  );
});

type Run = (...args: string[]) => Promise<{ code: number; lines: string[] }>;

async function expectEqual(run: Run): Promise<void> {
  const { code, lines } = await run("--from", "live", "--verify");
  equal(code, 0, lines.join("\n"));
}

/** The old tables have a message for each turn of an application. */
async function expectRows(sql: Sql, name: string, turns: number): Promise<void> {
  const [row] = await sql<{ rows: number }[]>`
    select count(distinct text)::integer as rows from live.chat_messages
    where text like ${`${name} %`}`;
  equal(row?.rows, turns, `rows that the ${name} application wrote`);
}

/** Every message is on both sides, whichever it was written on; nothing is in the quarantine. */
async function expectBothSides(sql: Sql): Promise<void> {
  const missing = await sql`
    select content from public.chat_messages
    full join live.chat_messages old on old.id = chat_messages.id
    where (content like 'new %' or old.text like 'old %') and content is distinct from old.text`;
  deepEqual([...missing], []);
  deepEqual([...await sql`select reason from agentbase_import.quarantine`], []);
}

/** A regular expression of such a text would take minutes. */
const long = "- ".repeat(10_000);

/** A document of the old table, what the new one gets of it, a change there, and what is written back. */
const documents = {
  old: {
    provider: "mystery",
    extra: { client_secret: "kept", color: "red" },
    api_keys: ["kept"],
    plugins: [{ name: "a", token: "kept a" }, { name: "b", token: "kept b" }],
    sent: [{ name: "c", token: "kept c" }],
    hint: "Use sk-kept-0123456789abcdef here",
    two: "First sk-kept-0123456789abcdef, second sk-kept-fedcba9876543210",
    one: "First sk-kept-0123456789abcdef, second sk-kept-fedcba9876543210",
    both: "First sk-lost-0123456789abcdef, second sk-lost-fedcba9876543210",
    swapped: [{ name: "a", token: "lost a" }, { name: "b", token: "lost b" }],
    alike: "sk-kept-0123456789abcdef sk-kept-fedcba9876543210",
    long: `${long}sk-kept-0123456789abcdef`,
    pairs: [{ id: 1, name: "Authorization", value: "lost a" }],
    database: "postgresql://app:lost-b@db.example/app",
    written: '{"password": "kept w", "size": 1}',
    unused: true,
  },
  imported: {
    extra: { color: "red" },
    api_keys: ["[redacted]"],
    plugins: [{ name: "a" }, { name: "b" }],
    sent: [{ name: "c" }],
    hint: "Use [redacted] here",
    two: "First [redacted], second [redacted]",
    one: "First [redacted], second [redacted]",
    both: "First [redacted], second [redacted]",
    swapped: [{ name: "a" }, { name: "b" }],
    alike: "[redacted] [redacted]",
    long: `${long}[redacted]`,
    pairs: [{ id: 1, name: "Authorization" }],
    database: "postgresql://app:[redacted]@db.example/app",
    written: '{"size": 1}',
    unused: true,
  },
  changed: {
    extra: { color: "blue" },
    api_keys: ["[redacted]"],
    plugins: [{ name: "b", size: 2 }, { name: "a" }, { name: "new" }],
    sent: [{ name: "d" }],
    hint: "There, use [redacted]",
    // The part that is left is told by the word before it, or by nothing.
    two: "Only second [redacted]",
    one: "The second [redacted], erstens [redacted]",
    // Two that have other words, or other names, may have changed places: neither gets the other's.
    both: "Zweitens [redacted], erstens [redacted]",
    swapped: [{ name: "B" }, { name: "A" }],
    alike: "[redacted]",
    long: `# ${long}[redacted]`,
    // Beside another name, and in another text, nothing says that it is a secret.
    pairs: [{ id: 1, name: "Note" }],
    database: "It is [redacted]",
    written: '{"size": 2}',
  },
  back: {
    provider: "mystery",
    extra: { client_secret: "kept", color: "blue" },
    api_keys: ["kept"],
    plugins: [{ name: "b", token: "kept b", size: 2 }, { name: "a", token: "kept a" }, {
      name: "new",
    }],
    sent: [{ name: "d", token: "kept c" }],
    hint: "There, use sk-kept-0123456789abcdef",
    two: "Only second sk-kept-fedcba9876543210",
    one: "The second sk-kept-fedcba9876543210, erstens sk-kept-0123456789abcdef",
    both: "Zweitens [redacted], erstens [redacted]",
    swapped: [{ name: "B" }, { name: "A" }],
    alike: "[redacted]",
    long: `# ${long}sk-kept-0123456789abcdef`,
    pairs: [{ id: 1, name: "Note" }],
    database: "It is [redacted]",
    written: '{"size": 2, "password": "kept w"}',
  },
};

/** What a trigger could not write waits in the quarantine until it can be. */
async function expectRetries(sql: Sql, run: Run): Promise<void> {
  const retry = async () => (await run("--from", "live", "--retry")).lines;
  const remain = (text: string) => [
    `${text} still to be corrected in agentbase_import.quarantine.`,
  ];
  for (const name of ["Waiting", "Mended"]) {
    await sql`
      insert into live.bots (name, config, created_by)
      values (${name}, ${sql.json(documents.old)}, ${alice})`;
  }
  deepEqual(await retry(), remain("0 of 2 rows are imported now; 2 are"));
  await sql`
    update agentbase_import.quarantine set corrected_row = jsonb_set(row, '{config,provider}', '"openai"')
    where row ->> 'name' = 'Mended'`;
  deepEqual(await retry(), remain("1 of 2 rows are imported now; 1 is"));
  await sql`select public.add_vendor('mystery', 'Mystery', base_url => 'https://mystery.example')`;
  deepEqual(await retry(), remain("1 of 1 rows are imported now; 0 are"));
  // A row whose key is a secret cannot be found again: it is not forgotten.
  await sql`
    insert into agentbase_import.quarantine (source, mapping, n, key, row, reason)
    values ('live', 'bots', 0, '{"id": "[redacted]"}', '{}', 'written: refused')`;
  deepEqual(await retry(), remain("0 of 1 rows are imported now; 1 is"));
  await sql`delete from agentbase_import.quarantine where key = '{"id": "[redacted]"}'`;
  // Members read an agent's config: secrets stay in the old table, whatever changes in the new one.
  const retried = await sql`
    update public.agents set config = ${sql.json(documents.changed)}
    where name in ('Waiting', 'Mended') and config = ${sql.json(documents.imported)}
    returning id`;
  equal(retried.length, 2);
  const kept = await sql`
    select config from live.bots where name in ('Waiting', 'Mended')`;
  deepEqual(kept.map(({ config }) => config), [documents.back, documents.back]);
  const noted = await sql`
    select from agentbase_import.quarantine
    where is_imported and reason = 'left out of config, because it is a secret: alike, api_keys.0, '
      || 'both, database, extra.client_secret, hint, long, one, pairs.0.value, plugins.0.token, plugins.1.token, sent.0.token, '
      || 'swapped.0.token, swapped.1.token, '
      || 'two, written'`;
  equal(noted.length >= 2, true);
  deepEqual([...await sql`select from agentbase_import.quarantine where not is_imported`], []);
  await sql`update live.bots set config = '{"provider": "openai"}' where name = 'Mended'`;
}
