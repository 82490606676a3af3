import { deepEqual } from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { runCommand } from "../../common/run-command.ts";
import type { TemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import type { LayerContext } from "../layer.ts";
import { attempt } from "../results.ts";

const person = "d0000000-0000-4000-8000-00000000d0d0";

/** An old project of bots, with text that a format could mistake for its own. */
const project = `
  create schema app;
  create table app.bots (id serial primary key, name text, config json, created_by uuid);
  create table app.chat_sessions (id serial primary key, bot_id integer references app.bots (id),
    user_id uuid);
  create table app.chat_messages (id serial primary key,
    session_id integer references app.chat_sessions (id), role text, text text);
  insert into app.bots values (1, 'Dumped', '{"provider": "openai"}', '${person}');
  insert into app.chat_sessions values (1, 1, '${person}');
  insert into app.chat_messages values (1, 1, 'human', E'Héllo 🦊\\t\\\\N\\n\\\\.\\nend'),
    (2, 1, 'bot', repeat('long ', 100000)), (3, 1, 'human', '')`;

/** The formats of pg_dump, by the name of the file. */
const formats = {
  "plain.sql": "plain",
  "custom.dump": "custom",
  "archive.tar": "tar",
  "folder": "directory",
};

/** `npm run import` reads what pg_dump writes, in each of its formats. */
export async function importDumps(
  { root, workspace, results }: LayerContext,
  { url, adminUrl }: TemporaryDatabase,
  binaryFolder: string,
): Promise<void> {
  const folder = await workspace.folder("import-dumps");
  const sql = postgres(url, { max: 4, onnotice: () => {} });
  try {
    const source = await makeProject(sql, url);
    await sql`insert into auth.users (id, email) values (${person}, 'dumped@example.com')`;
    for (const [name, format] of Object.entries(formats)) {
      const path = join(folder, name);
      await attempt(results, `a dump of pg_dump --format=${format} is imported`, async () => {
        const command = [join(binaryFolder, "pg_dump"), `--format=${format}`, `--file=${path}`];
        const { code, output } = await runCommand(["env", ...command, source]);
        if (code !== 0) throw new Error(output);
        await importDump(sql, async (...args) => {
          const run = ["node", join(root, "scripts/run.mjs"), "import", "--from", path] as const;
          const { code, output } = await runCommand([...run, ...args], { env: { DB_URL: url } });
          if (code !== 0) throw new Error(output);
        });
      });
    }
    await sql`delete from auth.users where id = ${person}`;
  } finally {
    await sql.end();
    await dropProject(adminUrl);
  }
}

/** Makes the old project, in a database of its own. Returns its address. */
async function makeProject(sql: Sql, url: string): Promise<string> {
  await sql`create database old_project`;
  const address = url.replace(/\/postgres$/, "/old_project");
  const other = postgres(address, { max: 1, onnotice: () => {} });
  try {
    await other.unsafe(project);
  } finally {
    await other.end();
  }
  return address;
}

async function dropProject(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`drop database if exists old_project with (force)`;
  } finally {
    await sql.end();
  }
}

/** Imports a dump by the command, compares it with its source, and reverts it. */
async function importDump(
  sql: Sql,
  run: (...args: string[]) => Promise<void>,
): Promise<void> {
  await run("--schema", "app", "--apply");
  await run("--verify");
  const said = await sql<{ line: string }[]>`
    select concat_ws(' ', messages.role, length(content), left(content, 20)) as line
    from public.chat_messages messages
    join public.chat_sessions sessions on sessions.id = messages.session_id
    where sessions.user_id = ${person} order by seq`;
  deepEqual(said.map(({ line }) => line), [
    "user 17 Héllo 🦊\t\\N\n\\.\nend",
    "assistant 500000 long long long long ",
    "user 0 ",
  ]);
  await run("--revert");
  const left = await sql`select from public.chat_sessions where user_id = ${person}`;
  deepEqual(left.length, 0, "the revert left a session");
}
