import {
  type MigrationFile,
  migrationFiles,
  withoutReleased,
} from "../test/layout/migration-files.ts";

const list = /^( *)-- each table and view of schema public\n(?:(?!\1-- end$).*\n)*?\1-- end$/m;
const made = /^create (?:table|view) public\.(\w+)/gm;
const widest = 96;

/**
 * Writes out the names that the first migration of a release looks for before it creates anything:
 * all tables and views that the migrations of this release create in schema public.
 *
 * @returns the migration that has the list, as it must be; none where it was released.
 */
export async function expandOccupiedNames(root: string): Promise<{ path: string; text: string }[]> {
  const files = await withoutReleased(root, await migrationFiles(root));
  const names = namesOf(files);
  return files.filter(({ sql }) => list.test(sql)).map(({ path, sql }) => ({
    path,
    text: sql.replace(list, (_, indent: string) =>
      [
        `${indent}-- each table and view of schema public`,
        ...wrap(names.map((name) => `'${name}'`), indent),
        `${indent}-- end`,
      ].join("\n")),
  }));
}

/** The tables and views that these migrations make in schema public, in the order of their names. */
export function namesOf(files: readonly Pick<MigrationFile, "sql">[]): string[] {
  const names = files.flatMap(({ sql }) => [...sql.matchAll(made)].map((match) => match[1] ?? ""));
  return [...new Set(names)].sort();
}

/** Items with commas between them, as many on a line as fit. */
function wrap(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  for (const [index, item] of items.entries()) {
    const text = index < items.length - 1 ? `${item},` : item;
    const line = lines.at(-1);
    if (line !== undefined && line.length + text.length + 1 <= widest) {
      lines[lines.length - 1] = `${line} ${text}`;
    } else lines.push(`${indent}${text}`);
  }
  return lines;
}
