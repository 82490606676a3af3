import { basename } from "node:path";
import postgres, { type Sql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { runCommand } from "../../../common/run-command.ts";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import type { Design } from "../design/schema.ts";
import { stageFile } from "./stage-file.ts";
import { stageTables } from "./stage-tables.ts";

/** What a source is: a schema of this database, or something that is copied into one. */
export interface Source {
  kind: "schema" | "connection" | "dump" | "export";
  /** The schema that is imported. */
  schema: string;
}

/** The comment of a schema whose copy is complete. */
const complete = "Copied by npm run import; complete.";

/** What `--from` names. */
export function sourceOf(from: string): Source {
  if (/^postgres(ql)?:\/\//.test(from)) {
    return { kind: "connection", schema: nameFor(new URL(from).pathname.slice(1) || "database") };
  }
  if (/\.(sql|dump|backup)$/.test(from)) return { kind: "dump", schema: nameFor(basename(from)) };
  if (/\.(jsonl?|ndjson)$/.test(from)) return { kind: "export", schema: nameFor(basename(from)) };
  return { kind: "schema", schema: from };
}

function nameFor(text: string): string {
  return `copied_${text.toLowerCase().replace(/\.\w+$/, "").replaceAll(/[^a-z0-9]+/g, "_")}`
    .slice(0, 50);
}

/** Whether the copy of a source is complete. */
export async function isStaged(sql: Sql, { schema }: Source): Promise<boolean> {
  const [row] = await sql<{ comment: string | null }[]>`
    select obj_description(oid, 'pg_namespace') as comment from pg_namespace
    where nspname = ${schema}`;
  return row?.comment === complete;
}

/** What {@link stageSource} is told. */
export interface StageSourceOptions {
  from: string;
  designs: readonly Design[];
  report: (line: string) => void;
}

/**
 * Copies a source that is no schema of this database into one. An interrupted copy goes on.
 *
 * @throws {CommandError} when the source cannot be read.
 */
export async function stageSource(sql: Sql, options: StageSourceOptions): Promise<void> {
  const { from, designs, report } = options;
  const source = sourceOf(from);
  if (source.kind === "schema" || await isStaged(sql, source)) return;
  report(
    `Copying ${source.kind === "connection" ? "the database" : from} to schema ${source.schema}`,
  );
  const copy = (other: Sql) =>
    stageTables(other, sql, { from: "public", into: source.schema, report });
  if (source.kind === "export") await stageFile(sql, from, source.schema, designs);
  else if (source.kind === "dump") await withDump(from, copy);
  else await withConnection(from, copy);
  await sql.unsafe(`comment on schema ${source.schema} is '${complete}'`);
}

async function withConnection(url: string, run: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  try {
    await sql`select`.catch((error) => {
      throw new CommandError(
        `Cannot read the source: ${error.message}. Check the address and the password of --from.`,
      );
    });
    await run(sql);
  } finally {
    await sql.end();
  }
}

/** A dump is restored into a database of its own, which is read as any other and removed. */
async function withDump(path: string, run: (sql: Sql) => Promise<void>): Promise<void> {
  const isPlain = await isPlainText(path);
  const database = await startTemporaryDatabase();
  try {
    // What a dump names and a fresh database lacks (owners, extensions) is passed over.
    const command: [string, ...string[]] = isPlain
      ? ["psql", "--no-psqlrc", "--quiet", "--dbname", database.adminUrl, "--file", path]
      : ["pg_restore", "--no-owner", "--no-privileges", "--dbname", database.adminUrl, path];
    await runCommand(command).catch(() => {
      throw new CommandError(
        `Cannot read "${path}": ${
          command[0]
        } is not installed. Install Postgres' client programs, or name the database itself with --from postgresql://…`,
      );
    });
    await withConnection(database.adminUrl, run);
  } finally {
    await database.stop();
  }
}

/** Whether a dump is SQL; `pg_dump --format=custom` begins with "PGDMP". */
async function isPlainText(path: string): Promise<boolean> {
  const file = await Deno.open(path).catch((error) => {
    throw new CommandError(`Cannot read "${path}": ${error.message}.`);
  });
  using opened = file;
  const bytes = new Uint8Array(5);
  await opened.read(bytes);
  return new TextDecoder().decode(bytes) !== "PGDMP";
}
