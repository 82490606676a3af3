import { basename, join, resolve } from "node:path";
import postgres, { type Sql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import { matches, namesOf } from "../design/recognise.ts";
import type { Design } from "../design/schema.ts";
import type { Table } from "./describe.ts";
import { restoreDump } from "./restore-dump.ts";
import { isExportFolder, stageExport } from "./stage-export.ts";
import { stageFile } from "./stage-file.ts";
import { stageTables } from "./stage-tables.ts";

/** What a source is: a schema of this database, or something that is copied into one. */
export interface Source {
  kind: "schema" | "connection" | "dump" | "export" | "folder";
  /** The schema that is imported. */
  schema: string;
  /** What is copied: the address without user and password, or the path of the file. */
  origin: string;
}

/** What the comment of a schema that is a copy says. */
interface Copy {
  origin: string;
  isComplete: boolean;
  /** Of which version of a file it is: its size and time; empty for a database, which changes. */
  version: string;
}

const commentForm = /^Copied by npm run import from (.*); (complete|incomplete)\.(?: (.*)\.)?$/;

function commentOf({ origin, isComplete, version }: Copy): string {
  const state = isComplete ? "complete" : "incomplete";
  return `Copied by npm run import from ${origin}; ${state}.${
    version === "" ? "" : ` ${version}.`
  }`;
}

/** What `--from` names. */
export function sourceOf(from: string): Source {
  if (/^postgres(ql)?:\/\//.test(from)) {
    const { host, pathname } = new URL(from);
    const schema = nameFor(pathname.slice(1) || "database");
    return { kind: "connection", schema, origin: `${host}${pathname}` };
  }
  const file = { schema: nameFor(basename(from)), origin: resolve(from) };
  if (/\.(sql(\.gz)?|dump|backup|tar)$/.test(from) || isDumpFolder(from)) {
    return { kind: "dump", ...file };
  }
  if (/\.(jsonl?|ndjson)$/.test(from)) return { kind: "export", ...file };
  if (isExportFolder(from)) return { kind: "folder", ...file };
  if (/[/\\]|\.\w+$/.test(from)) {
    throw new CommandError(
      `Cannot import "${from}": it is not a file that can be imported. A dump of pg_dump ends with .sql, .sql.gz, .dump, .backup or .tar, or is a folder; an export ends with .json, .jsonl or .ndjson.`,
    );
  }
  return { kind: "schema", schema: from, origin: from };
}

/** Whether this is what `pg_dump --format=directory` writes. */
function isDumpFolder(path: string): boolean {
  try {
    return Deno.statSync(join(path, "toc.dat")).isFile;
  } catch {
    return false;
  }
}

function nameFor(text: string): string {
  return `copied_${text.toLowerCase().replace(/(\.sql)?\.\w+$/, "").replaceAll(/[^a-z0-9]+/g, "_")}`
    .slice(0, 50);
}

/** Whether the copy of a source is complete. */
export async function isStaged(sql: Sql, source: Source): Promise<boolean> {
  const copy = await readCopy(sql, source);
  return copy?.origin === source.origin && copy.isComplete;
}

async function readCopy(sql: Sql, { schema }: Source): Promise<Copy | null> {
  const [row] = await sql<{ comment: string | null }[]>`
    select obj_description(oid, 'pg_namespace') as comment from pg_namespace
    where nspname = ${schema}`;
  if (row === undefined) return null;
  const [, origin = "", state, version = ""] = commentForm.exec(row.comment ?? "") ?? [];
  return { origin, isComplete: state === "complete", version };
}

async function writeComment(sql: Sql, { schema }: Source, copy: Copy): Promise<void> {
  await sql.unsafe(`comment on schema ${quoteName(schema)} is ${quoteText(commentOf(copy))}`);
}

/** The options of {@link stageSource}. */
export interface StageSourceOptions {
  from: string;
  /** The schema of another database or of a dump. */
  schema: string;
  designs: readonly Design[];
  report: (line: string) => void;
}

/**
 * Copies a source that is no schema of this database into one. A copy that is there is brought up to
 * date, and one that was interrupted completed: rows that are the same keep their place.
 *
 * @throws {CommandError} when the source cannot be read, or its schema is the copy of another one.
 */
export async function stageSource(sql: Sql, options: StageSourceOptions): Promise<void> {
  const { from, designs, report } = options;
  const source = sourceOf(from);
  if (source.kind === "schema") return;
  const version = await versionOf(source);
  const there = await readCopy(sql, source);
  if (there !== null && there.origin !== source.origin) {
    throw new CommandError(
      `Cannot copy to schema "${source.schema}": it has a copy of another source. Revert that import and drop the schema, or rename the source.`,
    );
  }
  if (there?.isComplete === true && version !== "" && there.version === version) return;
  report(
    `Copying ${source.kind === "connection" ? "the database" : from} to schema ${source.schema}`,
  );
  const copy = { origin: source.origin, isComplete: false, version };
  const begin = async () => {
    await sql`create schema if not exists ${sql(source.schema)}`;
    await writeComment(sql, source, copy);
  };
  const copyTables = async (other: Sql) => {
    await begin();
    await stageTables(other, sql, {
      from: options.schema,
      into: source.schema,
      viewsBeside: (tables) => viewsBeside(tables, designs),
      report,
    });
  };
  if (source.kind === "folder") {
    await begin();
    await stageExport(sql, from, source.schema);
  } else if (source.kind === "export") await stageFile(sql, from, source.schema, designs);
  else if (source.kind === "dump") await withDump(from, report, copyTables);
  else await withConnection(from, copyTables);
  await writeComment(sql, source, { ...copy, isComplete: true });
}

/** The names whose views are copied beside these tables: those of all designs, if they have none. */
function viewsBeside(tables: readonly Table[], designs: readonly Design[]): string[] {
  return designs.some((design) => matches(design, tables)) ? [] : namesOf(designs);
}

/** The size and the time of a file; empty for a database, which may change at any time. */
async function versionOf({ kind, origin }: Pick<Source, "kind" | "origin">): Promise<string> {
  if (kind === "connection") return "";
  if (kind === "folder") {
    return await versionOf({ kind: "export", origin: join(origin, "manifest.json") });
  }
  const { size, mtime } = await Deno.stat(origin).catch((error) => {
    throw new CommandError(`Cannot read "${origin}": ${error.message}.`);
  });
  return `${size} bytes of ${mtime?.toISOString() ?? "an unknown time"}`;
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
  const database = await startTemporaryDatabase();
  try {
    await restoreDump(path, database.url, report);
    await withConnection(database.url, run);
  } finally {
    await database.stop();
  }
}
