import { basename, join, resolve } from "node:path";
import type { Sql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import { withConnections } from "../connections.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import { matches, namesOf } from "../design/recognise.ts";
import type { Design } from "../design/schema.ts";
import type { Table } from "./describe.ts";
import { restoreDump } from "./restore-dump.ts";
import { isExportFolder, stageExport } from "./stage-export.ts";
import { stageFile } from "./stage-file.ts";
import { stageTables } from "./stage-tables.ts";

/** The source of an import: a schema of this database, or data that is copied into one. */
export interface Source {
  kind: "schema" | "connection" | "dump" | "export" | "folder";
  /** The schema that is imported. */
  schema: string;
  /** Where a copy comes from: the address without user and password, or the path of the file. */
  origin: string;
}

/** The description of a copy, which is stored as the comment of its schema. */
interface Copy {
  origin: string;
  /** The schema in the source; null for a source without schemas. */
  from: string | null;
  isComplete: boolean;
  /** The version of a file, by its size and time; empty for a database, which changes. */
  version: string;
}

const commentForm =
  /^Copied by npm run import from (?:schema "(.*?)" of )?(.*); (complete|incomplete)\.(?: (.*)\.)?$/;

function commentOf({ origin, from, isComplete, version }: Copy): string {
  const place = from === null ? origin : `schema "${from}" of ${origin}`;
  const state = isComplete ? "complete" : "incomplete";
  return `Copied by npm run import from ${place}; ${state}.${version === "" ? "" : ` ${version}.`}`;
}

/** Parses the value of `--from`. */
export function sourceOf(from: string): Source {
  if (isAddress(from)) {
    const { host, pathname } = readAddress(from);
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

const isAddress = (from: string) => /^postgres(ql)?:\/\//.test(from);

function readAddress(from: string): URL {
  try {
    return new URL(from);
  } catch {
    throw new CommandError(
      "Cannot read the address of --from: it is not postgresql://user:password@host:port/database. Characters such as @, / and # in the password are written as %40, %2F and %23.",
    );
  }
}

/** The name of a source in messages: without the password of a database. */
export function nameOf(from: string): string {
  if (!isAddress(from)) return from;
  const address = readAddress(from);
  if (address.password !== "") address.password = "***";
  for (const name of address.searchParams.keys()) {
    if (/pass|secret|token|key/i.test(name)) address.searchParams.set(name, "***");
  }
  return address.href;
}

/** Whether a folder was written by `pg_dump --format=directory`. */
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
  const [, from = null, origin = "", state, version = ""] = commentForm.exec(row.comment ?? "") ??
    [];
  return { origin, from, isComplete: state === "complete", version };
}

/**
 * Refuses a schema other than the one that was copied.
 *
 * @param asked The value of `--schema`; null without it.
 * @throws {CommandError} with what to do.
 */
export async function refuseOtherSchema(
  sql: Sql,
  from: string,
  asked: string | null,
): Promise<void> {
  if (asked === null) return;
  const source = sourceOf(from);
  if (!hasSchemas(source)) {
    throw new CommandError(
      `Cannot use --schema: it names the schema of another database or of a dump, and "${from}" is ${
        source.kind === "schema" ? "a schema of this one" : "an export"
      }. Leave it out.`,
    );
  }
  const there = await readCopy(sql, source);
  if (there?.origin !== source.origin || there.from === asked) return;
  const tables = await sql`
    select from pg_class where relnamespace = ${source.schema}::regnamespace and relkind = 'r'`;
  // The copy of a schema without tables.
  if (tables.length === 0) return;
  throw new CommandError(
    `Cannot import schema "${asked}": schema "${source.schema}" has the copy of schema "${there.from}" of the same source. Leave --schema out to go on with that one, or revert that import and drop the copy (drop schema ${source.schema} cascade).`,
  );
}

/** Whether a source has schemas, of which one is imported. */
function hasSchemas({ kind }: Source): boolean {
  return kind === "connection" || kind === "dump";
}

async function writeComment(sql: Sql, { schema }: Source, copy: Copy): Promise<void> {
  await sql.unsafe(`comment on schema ${quoteName(schema)} is ${quoteText(commentOf(copy))}`);
}

/** The options of {@link stageSource}. */
export interface StageSourceOptions {
  from: string;
  /** The schema of another database or of a dump; null for that of the copy, else "public". */
  schema: string | null;
  designs: readonly Design[];
  report: (line: string) => void;
}

/**
 * Copies a source that is not a schema of this database into one. An existing copy is updated, and
 * an interrupted one completed; unchanged rows keep their physical position.
 *
 * @throws {CommandError} if the source cannot be read, or the existing copy is of another schema.
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
  const schema = options.schema ?? there?.from ?? "public";
  const copy = {
    origin: source.origin,
    from: hasSchemas(source) ? schema : null,
    isComplete: false,
    version,
  };
  const begin = async () => {
    await sql`create schema if not exists ${sql(source.schema)}`;
    await writeComment(sql, source, copy);
  };
  const copyTables = async (other: Sql) => {
    await begin();
    await stageTables(other, sql, {
      from: schema,
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
  else await withSource(from, copyTables);
  await writeComment(sql, source, { ...copy, isComplete: true });
}

/**
 * The names of views that are copied together with these tables: none if a design matches the
 * tables, else those of all designs.
 */
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

async function withSource(url: string, run: (sql: Sql) => Promise<void>): Promise<void> {
  await withConnections(url, { max: 2 }, async (sql) => {
    await sql`select`.catch((error) => {
      throw new CommandError(
        `Cannot read the source: ${error.message}. Check the address and the password of --from.`,
      );
    });
    await run(sql);
  });
}

/** Restores a dump into a temporary database, which is then read like any other. */
async function withDump(
  path: string,
  report: (line: string) => void,
  run: (sql: Sql) => Promise<void>,
): Promise<void> {
  const database = await startTemporaryDatabase();
  try {
    await restoreDump(path, database.url, report);
    await withSource(database.url, run);
  } finally {
    await database.stop();
  }
}
