import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { linesOf } from "../../../common/lines-of.ts";
import { quoteName, quoteText } from "../design/expression.ts";
import type { Design } from "../design/schema.ts";

/** The columns of an exported file, and which of them are documents. */
interface FileColumn {
  name: string;
  isDocument: boolean;
}

/**
 * Loads an export (a JSON list, or a line of JSON for each row) into a table of its own, whose name
 * is that of the design that its fields belong to.
 *
 * @throws {CommandError} when it is no such file, or no design has its fields.
 */
export async function stageFile(
  sql: Sql,
  path: string,
  into: string,
  designs: readonly Design[],
): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`create schema if not exists ${quoteName(into)}`);
    await transaction`
      create temporary table raw_lines (line bigint generated always as identity, row jsonb)
      on commit drop`;
    const target = await transaction`
      copy raw_lines (row) from stdin (format csv, quote e'\x01', delimiter e'\x02')`.writable();
    await pipeline(Readable.from(rowsOf(path)), target);
    const columns = await transaction<FileColumn[]>`
      select fields.key as name, bool_or(jsonb_typeof(fields.value) in ('object', 'array'))
        as "isDocument"
      from raw_lines cross join lateral jsonb_each(raw_lines.row) fields
      group by fields.key order by fields.key`;
    const table = `${quoteName(into)}.${quoteName(tableFor(path, columns, designs))}`;
    const values = columns.map(({ name, isDocument }) =>
      `row ${isDocument ? "->" : "->>"} ${quoteText(name)} as ${quoteName(name)}`
    );
    await transaction.unsafe(`
      create table ${table} as select line as import_line, ${values.join(", ")} from raw_lines`);
    await transaction.unsafe(`alter table ${table} add primary key (import_line)`);
  });
}

/** The table of a design all of whose columns a file has. */
function tableFor(
  path: string,
  columns: readonly FileColumn[],
  designs: readonly Design[],
): string {
  for (const { signature } of designs) {
    const [table, ...others] = Object.entries(signature);
    if (table === undefined || others.length > 0) continue;
    const [names, needed] = table;
    const has = (one: string) => columns.some(({ name }) => one.split("|").includes(name));
    if (needed.every(has)) return names.split("|")[0] ?? names;
  }
  throw new CommandError(
    `Cannot import "${path}": its fields (${
      columns.slice(0, 12).map(({ name }) => name).join(", ")
    }) are of no known export. Nothing was changed.`,
  );
}

/** The rows of a file, each as a line of JSON. */
async function* rowsOf(path: string): AsyncGenerator<string> {
  const [first] = await firstCharacter(path);
  if (first === "[") {
    for (const row of readList(path, await Deno.readTextFile(path))) {
      yield `${JSON.stringify(row)}\n`;
    }
    return;
  }
  let number = 0;
  for await (const line of linesOf((await Deno.open(path)).readable)) {
    number++;
    if (line.trim() === "") continue;
    yield `${checkLine(path, number, line)}\n`;
  }
}

async function firstCharacter(path: string): Promise<string> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(64);
  await file.read(bytes);
  return new TextDecoder().decode(bytes).trimStart();
}

function readList(path: string, text: string): unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    if (Array.isArray(list)) return list;
  } catch {
    // Said below.
  }
  throw new CommandError(`Cannot import "${path}": it is no list of JSON. Nothing was changed.`);
}

function checkLine(path: string, number: number, line: string): string {
  try {
    return JSON.stringify(JSON.parse(line));
  } catch {
    throw new CommandError(
      `Cannot import "${path}": line ${number} is not JSON. Nothing was changed.`,
    );
  }
}
