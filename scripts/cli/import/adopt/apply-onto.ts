import { join } from "node:path";
import type { Sql } from "postgres";
import { pathInProject } from "../../../common/path-in-project.ts";
import { applyMigrations } from "../../../stack/postgres/apply-migrations.ts";

/**
 * Applies our migrations, with the Supabase CLI, to a project that has its own. The CLI refuses a
 * folder without the project's versions, and files that are older than the latest of them. So it is
 * given a folder with both, and the option --include-all.
 */
export async function applyOnto(sql: Sql, url: string): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-import-" });
  try {
    const migrations = join(folder, "supabase", "migrations");
    await Deno.mkdir(migrations, { recursive: true });
    await Deno.writeTextFile(
      join(folder, "supabase", "config.toml"),
      'project_id = "agentbase-import"\n',
    );
    const ours = pathInProject("migrations");
    for await (const { name } of Deno.readDir(ours)) {
      if (name.endsWith(".sql")) await Deno.copyFile(join(ours, name), join(migrations, name));
    }
    for (const version of await readVersions(sql)) {
      const file = join(migrations, `${version}_of_the_project.sql`);
      if (!await hasVersion(migrations, version)) {
        await Deno.writeTextFile(file, "-- Applied before; this file only states the version.\n");
      }
    }
    return await applyMigrations({ url, folder, includeAll: true });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function hasVersion(folder: string, version: string): Promise<boolean> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`${version}_`)) return true;
  }
  return false;
}

async function readVersions(sql: Sql): Promise<string[]> {
  const [there] = await sql<{ found: boolean }[]>`
    select to_regclass('supabase_migrations.schema_migrations') is not null as found`;
  if (there?.found !== true) return [];
  const rows = await sql<{ version: string }[]>`
    select version from supabase_migrations.schema_migrations order by version`;
  return rows.map(({ version }) => version);
}
