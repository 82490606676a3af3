import postgres from "postgres";
import type { MigratedDatabase } from "../database/databases.ts";
import { installPgtap } from "./install-pgtap.ts";
import { loadHelpers } from "./load-helpers.ts";

/** Installs pgTAP and the helpers of the tests in a database that has neither yet. */
export async function prepareTests(database: MigratedDatabase, root: string): Promise<void> {
  const admin = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  try {
    const [helpers] = await admin`select from pg_namespace where nspname = 'tests'`;
    if (helpers !== undefined) return;
    await installPgtap(admin, root);
    // The tests put a stand-in for Vault where the extension would be.
    await admin`grant create on schema vault to postgres`;
    await loadHelpers(database.url, root);
  } finally {
    await admin.end();
  }
}
