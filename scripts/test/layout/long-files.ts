import { join, relative } from "node:path";
import { migrationFiles } from "./migration-files.ts";
import { walkFiles } from "./walk-files.ts";

/** A longer file must be split. */
const MOST_LINES = 400;

/** Migrations that are too long to be read in one go. */
export async function findLongMigrations(root: string): Promise<string[]> {
  return (await migrationFiles(root)).flatMap(({ path, sql }) => problemsOf(path, sql));
}

/** Hand-written TypeScript files that are too long, except tests, which are lists of cases. */
export async function findLongSources(root: string): Promise<string[]> {
  const folders = ["functions", "scripts", "widget"].map((name) => join(root, name));
  const files = await Promise.all(folders.map((folder) => walkFiles(folder).catch(() => [])));
  const paths = files.flat()
    .filter((path) => path.endsWith(".ts") && !/_test\.ts$|\.types\.ts$/.test(path));
  return (await Promise.all(
    paths.map(async (path) => problemsOf(relative(root, path), await Deno.readTextFile(path))),
  )).flat();
}

function problemsOf(path: string, text: string): string[] {
  const lines = text.trimEnd().split("\n").length;
  return lines > MOST_LINES ? [`${path} has ${lines} lines. Split it at ${MOST_LINES}`] : [];
}
