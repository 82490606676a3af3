import { basename, resolve } from "node:path";
import postgres, { type Sql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { runCommand } from "../../../common/run-command.ts";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import type { Design } from "../design/schema.ts";
import { stageFile } from "./stage-file.ts";
import { stageTables } from "./stage-tables.ts";

/** What a source is: a schema of this database, or something that is copied into one. */
export interface Source {
  kind: "schema" | "connection" | "dump" | "export";
  /** The schema that is imported. */
  schema: string;
  /** What is copied: the address without user and password, or the path of the file. */
  origin: string;
}

/** The comment of a schema that is a copy. */
function commentOf({ origin }: Source, isComplete: boolean): string {
  return `Copied by npm run import from ${origin}; ${isComplete ? "complete" : "incomplete"}.`;
}

/** What `--from` names. */
export function sourceOf(from: string): Source {
  if (/^postgres(ql)?:\/\//.test(from)) {
    const { host, pathname } = new URL(from);
    const schema = nameFor(pathname.slice(1) || "database");
    return { kind: "connection", schema, origin: `${host}${pathname}` };
  }
  const file = { schema: nameFor(basename(from)), origin: resolve(from) };
  if (/\.(sql|dump|backup)$/.test(from)) return { kind: "dump", ...file };
  if (/\.(jsonl?|ndjson)$/.test(from)) return { kind: "export", ...file };
  return { kind: "schema", schema: from, origin: from };
}

function nameFor(text: string): string {
  return `copied_${text.toLowerCase().replace(/\.\w+$/, "").replaceAll(/[^a-z0-9]+/g, "_")}`
    .slice(0, 50);
}

/** Whether the copy of a source is complete. */
export async function isStaged(sql: Sql, source: Source): Promise<boolean> {
  return await readComment(sql, source) === commentOf(source, true);
}

async function readComment(sql: Sql, { schema }: Source): Promise<string | null> {
  const [row] = await sql<{ comment: string | null }[]>`
    select obj_description(oid, 'pg_namespace') as comment from pg_namespace
    where nspname = ${schema}`;
  return row?.comment ?? null;
}

async function writeComment(sql: Sql, source: Source, isComplete: boolean): Promise<void> {
  const comment = quoteText(commentOf(source, isComplete));
  await sql.unsafe(`comment on schema ${quoteName(source.schema)} is ${comment}`);
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
 * @throws {CommandError} when the source cannot be read, or its schema is the copy of another one.
 */
export async function stageSource(sql: Sql, options: StageSourceOptions): Promise<void> {
  const { from, designs, report } = options;
  const source = sourceOf(from);
  if (source.kind === "schema" || await isStaged(sql, source)) return;
  const comment = await readComment(sql, source);
  if (comment !== null && comment !== commentOf(source, false)) {
    throw new CommandError(
      `Cannot copy to schema "${source.schema}": it has a copy of another source. Revert that import and drop the schema, or rename the source.`,
    );
  }
  report(
    `Copying ${source.kind === "connection" ? "the database" : from} to schema ${source.schema}`,
  );
  const copy = async (other: Sql) => {
    await sql`create schema if not exists ${sql(source.schema)}`;
    await writeComment(sql, source, false);
    await stageTables(other, sql, { from: "public", into: source.schema, report });
  };
  if (source.kind === "export") await stageFile(sql, from, source.schema, designs);
  else if (source.kind === "dump") await withDump(from, report, copy);
  else await withConnection(from, copy);
  await writeComment(sql, source, true);
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
async function withDump(
  path: string,
  report: (line: string) => void,
  run: (sql: Sql) => Promise<void>,
): Promise<void> {
  const isPlain = await isPlainText(path);
  const database = await startTemporaryDatabase();
  try {
    // A dump names what a fresh database lacks, such as owners and extensions: errors are reported.
    const command: [string, ...string[]] = isPlain
      ? ["psql", "--no-psqlrc", "--quiet", "--dbname", database.adminUrl, "--file", path]
      : ["pg_restore", "--no-owner", "--no-privileges", "--dbname", database.adminUrl, path];
    const { output } = await runCommand(command).catch(() => {
      throw new CommandError(
        `Cannot read "${path}": ${
          command[0]
        } is not installed. Install Postgres' client programs, or name the database itself with --from postgresql://…`,
      );
    });
    const errors = output.split("\n").filter((line) => /\berror: /i.test(line));
    if (errors.length > 0) {
      report(
        `  ${errors.length} errors while the dump was restored; check that no rows are missing:`,
      );
      for (const line of errors.slice(0, 10)) report(`    ${line}`);
    }
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
