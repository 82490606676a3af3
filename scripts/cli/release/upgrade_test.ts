import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import { findChangedReleases, readReleasedNames } from "../../common/released-migrations.ts";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { describeDatabase, describeRows } from "./describe-database.ts";

const alice = "00000000-0000-4000-8000-00000000000a";
const agent = "a0000000-0000-4000-8000-000000000001";
const session = "c0000000-0000-4000-8000-000000000001";

/**
 * Rows of a project in use, for the last release: when one has other columns, they follow it. Nothing of
 * the seed, which is of today.
 */
const rows = `
  insert into auth.users (id, email, raw_user_meta_data)
  values ('${alice}', 'alice@example.com', '{"full_name": "Alice"}');
  insert into public.organizations (id, name, slug, created_by)
  values ('00000000-0000-4000-8000-0000000000ac', 'Acme', 'acme', '${alice}');
  insert into public.agents (id, name, vendor_id, model_name, created_by)
  values ('${agent}', 'Fox 🦊', 'openai', 'gpt-4o', '${alice}');
  insert into public.ai_agent_configs (user_id, agent_id, config_key, config_value)
  values ('${alice}', '${agent}', 'color', '"red"');
  insert into public.budgets (organization_id, period, limit_usd)
  values ('00000000-0000-4000-8000-0000000000ac', 'month', 10);
  insert into public.workflows (agent_id, name) values ('${agent}', 'Daily');
  insert into public.mcp_sessions (user_id, session_id, expires_at)
  values ('${alice}', 'mcp-1', now() + interval '1 day');
  insert into public.chat_sessions (id, user_id, agent_id) values ('${session}', '${alice}', '${agent}');
  insert into public.chat_messages (session_id, role, content)
  select '${session}', case n % 2 when 0 then 'user' else 'assistant' end, 'Message ' || n
  from generate_series(1, 100) n;
  insert into public.ai_interactions (user_id, agent_id, title, total_cost, started_at)
  select '${alice}', '${agent}', 'Call ' || n, 0.01, now() - n * interval '1 day'
  from generate_series(1, 50) n`;

Deno.test("a database of the last release is updated to the schema of a fresh one, and keeps its rows", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-release-" });
  try {
    const { last, next, added } = await makeReleases(folder);
    const fresh = await withDatabase(async (sql, url) => {
      await applyMigrations({ url, folder: next });
      return { schema: await describeDatabase(sql), rows: await describeRows(sql) };
    });
    await withDatabase(async (sql, url) => {
      await applyMigrations({ url, folder: last });
      const unused = await describeRows(sql);
      await sql.unsafe(rows);
      const used = await describeRows(sql);
      const columns = await readColumns(sql);
      const before = await readRows(sql, columns);
      deepEqual(await applyMigrations({ url, folder: next }), added);
      const schema = await describeDatabase(sql);
      deepEqual(without(schema, fresh.schema), [], "a fresh database lacks this");
      deepEqual(without(fresh.schema, schema), [], "the updated database lacks this");
      // What is in use keeps its rows; what only migrations fill has those of a fresh database.
      deepEqual(without(before, await readRows(sql, columns)), []);
      const after = await describeRows(sql);
      const isInUse = (name: string) => `${used.get(name)}` !== `${unused.get(name)}`;
      for (const [name, expected] of fresh.rows) {
        const found = after.get(name) ?? [];
        if (name.endsWith(".rehearsals")) continue;
        if (isInUse(name)) deepEqual(without(expected, found), [], name);
        else deepEqual(found, expected, name);
      }
      const [line] = await sql`
        select rehearsal || ' ' || title as line from public.agents join public.rehearsals using (id)`;
      equal(line?.line, "new of Fox 🦊");
      // Again: it is up to date.
      deepEqual(await applyMigrations({ url, folder: next }), []);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** The lines of a list that another one does not have, each as often as it has it more. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}

/**
 * Folders of the last release and of the next one, with the names of the migrations that it adds: those
 * that no release has, and a rehearsed one. Released migrations do not change, so that the last release
 * needs no other commit and no tag.
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
      "supabase/config.toml",
      "supabase/released-migrations.json",
      ...Array.from(
        Deno.readDirSync(pathInProject("migrations")),
        ({ name }) => `migrations/${name}`,
      ),
    ];
    for (const path of files) await Deno.copyFile(pathInProject(path), join(root, path));
  }
  const released = await readReleasedNames(next);
  const added: string[] = [];
  for await (const { name } of Deno.readDir(join(last, "migrations"))) {
    if (released.has(name)) continue;
    await Deno.remove(join(last, "migrations", name));
    added.push(name);
  }
  const rehearsal = new URL("./rehearsal/", import.meta.url);
  for await (const { name } of Deno.readDir(rehearsal)) {
    await Deno.copyFile(new URL(name, rehearsal), join(next, "migrations", name));
    added.push(name);
  }
  deepEqual(await findChangedReleases(next), []);
  return { last, next, added: added.sort() };
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
