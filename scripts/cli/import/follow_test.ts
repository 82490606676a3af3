import { deepEqual, equal, rejects } from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { withProject } from "./fixtures/with-project.ts";

const alice = "00000000-0000-4000-8000-00000000000a";

/** The design of bots with UUIDs for all keys, so that rows can go both ways. */
const old = `
  create schema live;
  create table live.bots (id uuid primary key default gen_random_uuid(), organization_id uuid,
    name text not null, config jsonb, is_active boolean default true, created_by uuid,
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

/** What an application writes until it is stopped, and what went wrong. */
interface Load {
  stop(): Promise<{ writes: number; errors: string[]; slowest: number }>;
}

function startLoad(url: string, write: (sql: Sql, turn: number) => Promise<unknown>): Load {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const errors: string[] = [];
  let isRunning = true;
  let writes = 0;
  let slowest = 0;
  const running = (async () => {
    while (isRunning) {
      const startedAt = performance.now();
      await write(sql, writes++).catch((error) => errors.push(String(error)));
      slowest = Math.max(slowest, performance.now() - startedAt);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await sql.end();
  })();
  return {
    async stop() {
      isRunning = false;
      await running;
      return { writes, errors, slowest };
    },
  };
}

const session = (turn: number) =>
  `c0000000-0000-4000-8000-${String(turn % 200 + 1).padStart(12, "0")}`;

Deno.test("both applications read and write while it is imported, and find each other's rows", async () => {
  await withProject({ isMigrated: true }, async ({ sql, url, run }) => {
    await sql.unsafe(old);
    await sql.unsafe(`
      create schema other;
      create table other.bots (like live.bots including all);
      create table other.chat_sessions (like live.chat_sessions including all);
      create table other.chat_messages (like live.chat_messages including all)`);
    const oldApplication = startLoad(url, (own, turn) =>
      own.begin(async (transaction) => {
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
      }));
    await run("--from", "live", "--apply", "--follow");
    const newApplication = startLoad(url, (own, turn) =>
      own`
        insert into public.chat_messages (session_id, role, content)
        values (${session(turn)}, 'assistant', ${`new ${turn}`})`);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const was = await oldApplication.stop();
    deepEqual(was.errors, []);
    equal(was.writes > 20, true);
    await expectEqual(run);

    // After the cut-over the old tables refuse writes, and go on getting those of the new ones.
    await run("--from", "live", "--cut-over");
    await rejects(
      sql`insert into live.chat_messages (role, text) values ('user', 'late')`.execute(),
      /its data are in Agentbase now/,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const now = await newApplication.stop();
    deepEqual(now.errors, []);
    const [arrived] = await sql<{ rows: number }[]>`
      select count(*)::integer as rows from live.chat_messages where text like 'new %'`;
    equal(arrived?.rows, now.writes);
    deepEqual(await sql`select reason from agentbase_import.quarantine`, []);

    // And back: the old application goes on, with everything that was written on either side.
    await run("--from", "live", "--undo-cut-over");
    await sql`
      insert into live.chat_messages (session_id, role, text)
      values (${session(1)}, 'user', 'afterwards')`;
    equal((await sql`select from public.chat_messages where content = 'afterwards'`).length, 1);

    // What a trigger could not write waits in the quarantine until it can be.
    await sql`
      insert into live.bots (name, config, created_by)
      values ('Waiting', '{"provider": "mystery"}', ${alice})`;
    const retry = async () => (await run("--from", "live", "--retry")).lines;
    const remain = (text: string) => [`${text} remain in agentbase_import.quarantine.`];
    await sql`
      insert into live.bots (name, config, created_by)
      values ('Mended', '{"provider": "mystery"}', ${alice})`;
    deepEqual(await retry(), remain("0 of 2 rows are imported now; 2"));
    await sql`
      update agentbase_import.quarantine set mended = row || '{"config": {"provider": "openai"}}'
      where row ->> 'name' = 'Mended'`;
    deepEqual(await retry(), remain("1 of 2 rows are imported now; 1"));
    await sql`select public.add_vendor('mystery', 'Mystery', base_url => 'https://mystery.example')`;
    deepEqual(await retry(), remain("1 of 1 rows are imported now; 0"));
    equal((await sql`select from public.agents where name in ('Waiting', 'Mended')`).length, 2);
    deepEqual(await sql`select from agentbase_import.quarantine where not is_imported`, []);
    await sql`update live.bots set config = '{"provider": "openai"}' where name = 'Mended'`;

    await rejects(sql`truncate live.chat_messages`.execute(), /an import follows it row by row/);
    const rows = await sql`select * from live.chat_messages order by id`;
    await expectEqual(run);

    // A revert that is refused, or is of another source, leaves the triggers.
    await run("--from", "other", "--apply");
    await run("--from", "other", "--revert");
    await rejects(run("--from", "live", "--revert"), /were written since the import/);
    await rejects(sql`truncate live.chat_messages`.execute(), /an import follows it row by row/);
    await run("--from", "live", "--revert", "--discard");
    deepEqual(await sql`select * from live.chat_messages order by id`, rows);
    equal((await sql`select from public.chat_messages`).length, 0);
    equal((await sql`select from public.agents where name = 'Live'`).length, 0);
    equal((await sql`select from pg_trigger where tgname like 'agentbase_%'`).length, 0);
  });
});

async function expectEqual(
  run: (...args: string[]) => Promise<{ code: number; lines: string[] }>,
): Promise<void> {
  const { code, lines } = await run("--from", "live", "--verify");
  equal(code, 0, lines.join("\n"));
}
