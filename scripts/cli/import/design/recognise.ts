import type { Sql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { readTables, readTargetColumns, readViews, type Table } from "../source/describe.ts";
import { bindTable, type BoundTable, mappingName } from "./bind.ts";
import { findColumn } from "./expression.ts";
import { overrideDesigns, readDesigns } from "./read-designs.ts";
import type { Choices, Design } from "./schema.ts";

/** The designs of a source, and their mappings. */
export interface Recognised {
  schema: string;
  designs: Design[];
  tables: BoundTable[];
  /** Tables that are not imported, and why. */
  left: { name: string; reason: string }[];
  timezone: string;
  choices: Choices;
}

/** The options of {@link recognise}. */
export interface RecogniseOptions {
  schema: string;
  choices: Choices;
  /** Whether Agentbase's migrations are applied. */
  isMigrated: boolean;
  /** Whether a schema of no known design is allowed; nothing is imported from it. */
  mayBeUnknown: boolean;
}

/**
 * Determines the designs of a schema by its tables and columns, and binds their mappings to it.
 *
 * @throws {CommandError} if it has no known design.
 */
export async function recognise(sql: Sql, options: RecogniseOptions): Promise<Recognised> {
  const { schema, choices, isMigrated } = options;
  const tables = await readTables(sql, schema);
  const designs = overrideDesigns(await readDesigns(), choices.mapping);
  const matching = designs.filter((design) => matches(design, tables));
  const alone = matching.find((design) => design.alone);
  const found = alone === undefined ? matching : [alone];
  if (found.length === 0 && !options.mayBeUnknown) {
    const views = await readViews(sql, schema, namesOf(designs));
    if (views.length > 0) throw new CommandError(onlyViews(schema, views));
    throw new CommandError(nothingKnown(schema, tables, designs));
  }
  const timezone = choices.timezone ?? choices.mapping.timezone ?? "UTC";
  const bound: BoundTable[] = [];
  for (const design of found) {
    for (const mapping of design.tables) {
      const source = findTable(mapping.from, tables);
      if (source === undefined) continue;
      if (bound.some(({ name }) => name === mappingName(mapping))) continue;
      const target = isMigrated ? await readTargetColumns(sql, mapping.into) : [];
      bound.push(bindTable(mapping, source, target, { labels: design.labels, timezone }));
    }
  }
  const left = tables
    .filter((table) => !bound.some(({ source }) => source === table))
    .map(({ name }) => ({ name, reason: reasonFor(name, found) }));
  return { schema, designs: found, tables: bound, left, timezone, choices };
}

/** The names of tables in these designs. */
export function namesOf(designs: readonly Design[]): string[] {
  return designs.flatMap(({ tables }) => tables.flatMap(({ from }) => from.split("|")))
    .map((name) => name.trim());
}

/** Whether a schema has all tables and columns that identify a design. */
export function matches(design: Design, tables: readonly Table[]): boolean {
  return Object.entries(design.signature).every(([names, columns]) =>
    names.split("|").some((name) => {
      const table = tables.find((one) => one.name === name.trim());
      return table !== undefined &&
        columns.every((column) => findColumn(column, table.columns) !== null);
    })
  );
}

function findTable(names: string, tables: readonly Table[]): Table | undefined {
  return names.split("|").map((name) => tables.find((one) => one.name === name.trim()))
    .find((table) => table !== undefined);
}

function reasonFor(table: string, designs: readonly Design[]): string {
  return designs.map(({ left }) => left[table]).find((reason) => reason !== undefined) ??
    "no design has it; it stays as it is";
}

/**
 * The error for a source of views, whose rows have no physical position by which to number them.
 */
function onlyViews(schema: string, views: readonly Table[]): string {
  const names = views.map(({ name }) => name).join(", ");
  return `Cannot import "${schema}": ${names} ${
    views.length === 1 ? "is a view" : "are views"
  }, and rows of views cannot be numbered. Name the schema of their tables, or the database itself with --from postgresql://… --schema ${schema}, which copies them as tables. Nothing was changed.`;
}

function nothingKnown(schema: string, tables: readonly Table[], designs: readonly Design[]) {
  if (tables.length === 0) {
    return `Cannot import "${schema}": this database has no tables in a schema of that name.`;
  }
  const names = tables.slice(0, 12).map(({ name }) => name).join(", ");
  const known = designs.map(({ design, signature }) =>
    `${design} (${Object.keys(signature).join(", ")})`
  );
  return `Cannot import "${schema}": its tables (${names}${
    tables.length > 12 ? ", …" : ""
  }) are of no known design. Known are ${
    known.join("; ")
  }. Nothing was changed. A mapping of your own can name tables and columns: docs/import.md.`;
}
