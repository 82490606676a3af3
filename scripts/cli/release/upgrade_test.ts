import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import {
  findChangedReleases,
  readReleases,
  recordRelease,
} from "../../common/released-migrations.ts";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { describeSchema } from "../import/fixtures/describe-schema.ts";

/** What a migration of the next release may do: columns, tables, policies, functions, and rows of rows. */
const rehearsal = `
alter table public.agents add column rehearsal text not null default 'new';
comment on column public.agents.rehearsal is 'Of a rehearsed release.';
create table public.rehearsals (
  id uuid primary key references public.agents (id) on delete cascade,
  title text not null
);
alter table public.rehearsals enable row level security;
create policy "Members read rehearsals" on public.rehearsals for select to authenticated
  using (exists (select from public.agents where agents.id = rehearsals.id));
insert into public.rehearsals select id, 'of ' || name from public.agents where created_by is not null;
create function private.may_rehearse() returns boolean language sql set search_path = ''
  as 'select true'`;

const alice = "00000000-0000-4000-8000-00000000000a";

/** Rows of a project in use. */
const rows = `
  insert into public.agents (id, name, vendor_id, model_name, created_by)
  values ('a0000000-0000-4000-8000-000000000001', 'Fox 🦊', 'openai', 'gpt-4o', '${alice}');
  insert into public.chat_sessions (id, user_id, agent_id)
  values ('c0000000-0000-4000-8000-000000000001', '${alice}', 'a0000000-0000-4000-8000-000000000001');
  insert into public.chat_messages (session_id, role, content)
  select 'c0000000-0000-4000-8000-000000000001', case n % 2 when 0 then 'user' else 'assistant' end,
    'Message ' || n from generate_series(1, 100) n;
  insert into public.ai_interactions (user_id, agent_id, title, total_cost, started_at)
  select '${alice}', 'a0000000-0000-4000-8000-000000000001', 'Call ' || n, 0.01, now() - n * interval '1 day'
  from generate_series(1, 50) n`;

Deno.test("a database of the last release is updated to what a fresh one is, with its rows", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-release-" });
  try {
    const { last, next, added } = await makeReleases(folder);
    const schema = await withDatabase(async (sql, url) => {
      await applyMigrations({ url, folder: next, seed: true });
      return await describeSchema(sql);
    });
    await withDatabase(async (sql, url) => {
      await applyMigrations({ url, folder: last, seed: true });
      await sql.unsafe(rows);
      const columns = await readColumns(sql);
      const before = await readRows(sql, columns);
      deepEqual(await applyMigrations({ url, folder: next }), added);
      deepEqual(await describeSchema(sql), schema);
      deepEqual(await readRows(sql, columns), before);
      const [agent] = await sql`
        select rehearsal || ' ' || title as line from public.agents join public.rehearsals using (id)`;
      equal(agent?.line, "new of Fox 🦊");
      // Again: it is up to date.
      deepEqual(await applyMigrations({ url, folder: next }), []);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/**
 * Folders of the last release, which is made of all migrations where there is none, and of the next one,
 * with the names of the migrations that it adds.
 */
async function makeReleases(
  folder: string,
): Promise<{ last: string; next: string; added: string[] }> {
  const [last, next] = ["last", "next"].map((name) => join(folder, name)) as [string, string];
  for (const root of [last, next]) {
    await Deno.mkdir(join(root, "supabase"), { recursive: true });
    await Deno.mkdir(join(root, "migrations"));
    await Deno.symlink("../migrations", join(root, "supabase/migrations"));
    const files = [
      "package.json",
      "package-lock.json",
      "CHANGELOG.md",
      "supabase/config.toml",
      "supabase/seed.sql",
      "supabase/released-migrations.json",
      ...Array.from(
        Deno.readDirSync(pathInProject("migrations")),
        ({ name }) => `migrations/${name}`,
      ),
    ];
    for (const path of files) await Deno.copyFile(pathInProject(path), join(root, path));
  }
  if ((await readReleases(next)).length === 0) {
    await recordRelease(next, { version: "0.2.0", day: "2026-12-01" });
  }
  const released = (await readReleases(next)).flatMap(({ migrations }) => Object.keys(migrations));
  const added: string[] = [];
  for await (const { name } of Deno.readDir(join(last, "migrations"))) {
    if (released.includes(name)) continue;
    await Deno.remove(join(last, "migrations", name));
    added.push(name);
  }
  const name = "99990101000000_rehearsal.sql";
  await Deno.writeTextFile(join(next, "migrations", name), rehearsal);
  deepEqual(await findChangedReleases(next), []);
  return { last, next, added: [...added, name].sort() };
}

async function withDatabase<Result>(
  test: (sql: Sql, url: string) => Promise<Result>,
): Promise<Result> {
  const database = await startTemporaryDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    return await test(sql, database.url);
  } finally {
    await sql.end();
    await database.stop();
  }
}

interface Columns {
  table: string;
  columns: string;
}

/** The columns of all tables of the API. */
async function readColumns(sql: Sql): Promise<Columns[]> {
  return await sql<Columns[]>`
    select attrelid::regclass::text as table,
      string_agg(quote_ident(attname), ', ' order by attnum) as columns
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and attnum > 0
      and not attisdropped
    group by attrelid order by 1`;
}

async function readRows(sql: Sql, tables: readonly Columns[]): Promise<string[]> {
  const found: string[] = [];
  for (const { table, columns } of tables) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `select row(${columns})::text as row from ${table} order by 1`,
    );
    found.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  return found;
}
