import { join } from "node:path";
import type { Sql } from "postgres";
import { readArchive } from "./read-archive.ts";

/**
 * Installs pgTAP in the schema `extensions`, where `supabase test db` puts it too.
 *
 * Where the server has no such extension its script is run as plain SQL: it is nothing else, and so
 * the folder of the server's own files, which npm shares between projects, stays as it was.
 *
 * @param admin A connection of the superuser: what others create, the API's roles may not execute.
 */
export async function installPgtap(admin: Sql, root: string): Promise<void> {
  const [available] = await admin`select from pg_available_extensions where name = 'pgtap'`;
  if (available !== undefined) {
    await admin`create extension if not exists pgtap with schema extensions`;
    return;
  }
  const archive = join(root, "node_modules/@electric-sql/pglite-pgtap/dist/pgtap.tar.gz");
  const script = await readArchive(archive, "share/postgresql/extension/pgtap.sql");
  await admin.unsafe(`begin; set local search_path = extensions; ${script}; commit;`);
}
