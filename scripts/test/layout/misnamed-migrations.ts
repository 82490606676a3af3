import { join } from "node:path";

/** Files in `migrations/` that the Supabase CLI would skip, or whose order is not plain. */
export async function findMisnamedMigrations(root: string): Promise<string[]> {
  const problems: string[] = [];
  const seen = new Map<string, string>();
  const names: string[] = [];
  for await (const entry of Deno.readDir(join(root, "migrations"))) names.push(entry.name);
  for (const name of names.sort()) {
    const version = name.match(/^(\d{14})_[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/)?.[1];
    if (version === undefined) {
      problems.push(
        `migrations/${name} is skipped by the CLI. Name it <14 digits>_<lower_case>.sql`,
      );
      continue;
    }
    const other = seen.get(version);
    if (other !== undefined) problems.push(`migrations/${name} has the version of ${other}`);
    seen.set(version, name);
  }
  if (names.length === 0) problems.push("migrations/ is empty");
  return problems;
}
