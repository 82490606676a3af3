import {
  type MigrationFile,
  migrationFiles,
  withoutReleased,
} from "../test/layout/migration-files.ts";

/** The measures of usage, as the migrations declare them. */
interface Measures {
  /** Columns of `private.usage_measures`, in their order. */
  names: string[];
  types: Map<string, string>;
  /** The expression of each, over the ledger row `interaction`. */
  expressions: Map<string, string>;
  /** Columns of the ledger that the expressions read. */
  sources: string[];
}

const declaration = /^create table private\.usage_measures \(\n([\s\S]*?)\n\);$/m;
const addition = /^alter table private\.usage_measures add column (\w+) (\w+) not null/gm;
const definition = /^ *-- definition of each measure\n([\s\S]*?)^ *-- end$/gm;
const list = /^( *)-- each (measure|source): (.+)\n(?:(?!\1-- end$).*\n)*?\1-- end$/gm;
const widest = 100;

/**
 * Writes out every list of measures in the migrations that no release has. A list begins with a line
 * that holds the form of one item and ends with `-- end`:
 *
 * ```sql
 * -- each measure: sum(parts.{name}),
 * sum(parts.interactions), sum(parts.failed),
 * -- end
 * ```
 *
 * `{name}` is the name of the measure, `{type}` its type and `{of}` its definition in
 * `private.interaction_usage`. `each source`
 * lists the columns of the ledger that the definitions read. With a comma at the end of the form each
 * item has one, else the last has none.
 *
 * @returns the migrations that have such lists, as they must be.
 * @throws {Error} where a measure is declared and not defined, or the reverse.
 */
export async function expandMeasures(root: string): Promise<{ path: string; text: string }[]> {
  const files = await migrationFiles(root);
  const measures = readMeasures(files);
  return (await withoutReleased(root, files)).filter(({ sql }) => sql.search(list) >= 0)
    .map(({ path, sql }) => ({ path, text: expandLists(sql, measures) }));
}

/** The measures that these migrations declare, also by adding columns, and define: the last one does. */
export function readMeasures(files: readonly Pick<MigrationFile, "sql">[]): Measures {
  const all = files.map(({ sql }) => sql).join("\n");
  const columns = [...(all.match(declaration)?.[1] ?? "").matchAll(/^ {2}(\w+) (\w+) not null/gm)];
  const types = new Map(
    [...columns, ...all.matchAll(addition)].map(([, name = "", type = ""]) => [name, type]),
  );
  const names = [...types.keys()];
  const text = [...all.matchAll(definition)].at(-1)?.[1] ?? "";
  const items = text.trim().split(/,\n/).map((item) => item.match(/^([\s\S]+) as (\w+),?$/));
  const expressions = new Map(
    items.flatMap((item) => item === null ? [] : [[item[2] ?? "", oneLine(item[1] ?? "")]]),
  );
  if (names.length === 0 || names.join() !== [...expressions.keys()].join()) {
    throw new Error(
      `Cannot list the measures of usage: private.usage_measures declares (${
        names.join(", ")
      }) and ` +
        `private.interaction_usage defines (${
          [...expressions.keys()].join(", ")
        }). Make them agree.`,
    );
  }
  const sources = [...text.matchAll(/\binteraction\.(\w+)/g)].map(([, name]) => name ?? "");
  return { names, types, expressions, sources: [...new Set(sources)] };
}

/** A migration with all of its lists written out. */
export function expandLists(sql: string, { names, types, expressions, sources }: Measures): string {
  return sql.replace(list, (_, indent: string, kind: string, form: string) => {
    const items = (kind === "measure" ? names : sources).map((name) =>
      form.replaceAll("{name}", () => name)
        .replaceAll("{type}", () => types.get(name) ?? "")
        .replaceAll("{of}", () => expressions.get(name) ?? "")
    );
    const text = form.endsWith(",")
      ? items
      : items.map((item, index) => index === items.length - 1 ? item : `${item},`);
    return [`${indent}-- each ${kind}: ${form}`, ...filled(text, indent), `${indent}-- end`]
      .join("\n");
  });
}

/** Lines of as many items as there is room for. */
function filled(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const longer = lines.length === 0 ? "" : `${lines.at(-1)} ${item}`;
    if (longer !== "" && longer.length <= widest) lines[lines.length - 1] = longer;
    else lines.push(...broken(`${indent}${item}`, indent));
  }
  return lines;
}

/** A long item in several lines, broken between words. */
function broken(line: string, indent: string): string[] {
  const lines = [line];
  for (let last = line; last.length > widest; last = lines.at(-1) ?? "") {
    const at = last.lastIndexOf(" ", widest);
    if (at <= indent.length + 2) break;
    lines.splice(-1, 1, last.slice(0, at), `${indent}  ${last.slice(at + 1)}`);
  }
  return lines;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
