import { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import postgres from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { copyInto } from "../../../common/copy-into.ts";
import { endCopy } from "../../../common/end-copy.ts";
import { withConnections } from "../connections.ts";
import { readStatements } from "./read-statements.ts";
import { textLines } from "./text-lines.ts";

/**
 * Runs the statements of a dump of pg_dump, in any format, in a temporary database. A dump refers
 * to objects that this database lacks, such as roles and extensions: a failed statement is skipped
 * and reported.
 *
 * @param url For a role that is not a superuser, since a superuser's SQL can run programs.
 * @throws {CommandError} if the file is not a dump, or contains commands of psql.
 */
export async function restoreDump(
  path: string,
  url: string,
  report: (line: string) => void,
): Promise<void> {
  const errors: string[] = [];
  let failed = 0;
  await withConnections(url, { max: 1 }, async (sql) => {
    for await (const { text, rows } of readStatements(path, await openDump(path))) {
      const work = rows === null ? runStatement(sql, text) : copyInto(sql, text, inLines(rows));
      await work.catch((error) => {
        // A server that shuts down or has no disk space left is not a problem of the statement.
        if (!(error instanceof postgres.PostgresError) || /^5[37]/.test(error.code)) throw error;
        if (++failed <= 10) errors.push(`${messageOf(error)} (${beginningOf(text)})`);
      });
    }
  });
  if (failed === 0) return;
  report(
    `  ${failed} errors while the dump was restored; check that no rows are missing:`,
  );
  for (const line of errors) report(`    ${line}`);
}

/**
 * Runs a statement that is not followed by rows. It also ends a COPY that readStatements() did not
 * recognise: the driver would wait for a reader of TO STDOUT, and the server for the rows of FROM
 * STDIN.
 */
async function runStatement(sql: postgres.Sql, text: string): Promise<void> {
  const result: unknown = await sql.unsafe(text).simple();
  if (result instanceof Writable) result.destroy();
  if (!(result instanceof Readable)) return;
  await finished(result.resume());
  endCopy(result);
}

/** The message of the server without the refused value, which may be a secret. */
function messageOf({ code, message }: postgres.PostgresError): string {
  return code.startsWith("22") ? message.replace(/"[\s\S]*/, "…") : message;
}

/** The beginning of a statement, up to its first value. */
function beginningOf(statement: string): string {
  return statement.slice(0, 60).replaceAll(/\s+/g, " ").replace(/['$].*| values\b.*/i, " …");
}

async function* inLines(rows: AsyncGenerator<string>): AsyncGenerator<string> {
  for await (const row of rows) yield `${row}\n`;
}

/** The lines of a dump as SQL; pg_restore converts a dump in another format. */
async function openDump(path: string): Promise<AsyncGenerator<string>> {
  const format = await formatOf(path);
  if (format === "plain") return textLines(path, (await Deno.open(path)).readable);
  if (format === "gzip") {
    const unpacked = (await Deno.open(path)).readable.pipeThrough(new DecompressionStream("gzip"));
    return textLines(path, unpacked);
  }
  const command = new Deno.Command("pg_restore", {
    args: ["--no-owner", "--no-privileges", "--file=-", path],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  try {
    return restoredLines(path, command.spawn());
  } catch {
    throw new CommandError(
      `Cannot read "${path}": pg_restore is not installed. Install Postgres' client programs, make the dump with "pg_dump --format=plain", or name the database itself with --from postgresql://…`,
    );
  }
}

async function* restoredLines(path: string, process: Deno.ChildProcess): AsyncGenerator<string> {
  const complaint = new Response(process.stderr).text();
  yield* textLines(path, process.stdout);
  const { success } = await process.status;
  if (success) return;
  const [reason = "pg_restore failed"] = (await complaint).trim().split("\n");
  throw new CommandError(`Cannot read "${path}": ${reason}. Nothing was changed.`);
}

/** The format of a dump, by its first bytes: `pg_dump --format=custom` begins with "PGDMP". */
async function formatOf(path: string): Promise<"plain" | "gzip" | "archive"> {
  const { isDirectory } = await Deno.stat(path).catch((error) => {
    throw new CommandError(`Cannot read "${path}": ${error.message}.`);
  });
  if (isDirectory || path.endsWith(".tar")) return "archive";
  using file = await Deno.open(path);
  const bytes = new Uint8Array(5);
  await file.read(bytes);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "gzip";
  return new TextDecoder().decode(bytes) === "PGDMP" ? "archive" : "plain";
}
