import { migrationFiles } from "./migration-files.ts";

const MOST_COLUMNS = 100;

/** Lines of migrations that an editor beside another window does not show whole. */
export async function findWideLines(root: string): Promise<string[]> {
  return (await migrationFiles(root)).flatMap(({ path, sql }) =>
    sql.split("\n").flatMap((line, index) => {
      const columns = [...line].length;
      return columns > MOST_COLUMNS ? [`${path}:${index + 1} has ${columns} columns`] : [];
    })
  );
}
