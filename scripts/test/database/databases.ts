import postgres from "postgres";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import type { Workspace } from "../../common/workspace.ts";
import { findDebianPostgres } from "./debian-postgres.ts";
import { supabase } from "./supabase-cli.ts";

/** The Postgres versions that everything must work on. */
export type Version = "17" | "15";

/** A database with the platform's objects, our migrations and the seed. */
export interface MigratedDatabase {
  version: Version;
  /** What the server calls itself, such as "17.10". */
  server: string;
  /** Connection string of `postgres`, who ran the migrations and is no superuser. */
  url: string;
  /** Connection string of the superuser. */
  adminUrl: string;
}

export interface Databases {
  /**
   * The migrated database of a version; started once, at the first call.
   * Throws `NotAvailable` where this machine cannot run it, and an error when a migration fails.
   */
  migrated(version: Version): Promise<MigratedDatabase>;
}

/** pg_cron is loaded and starts no job: a test sees no transactions but its own. */
export const withCron = {
  shared_preload_libraries: "pg_cron",
  "cron.database_name": "postgres",
  "cron.max_running_jobs": "0",
};

/** The same of what Postgres does by itself. */
export const undisturbed = { autovacuum: "off" };

/** Databases of one run; they end with its workspace. */
export function createDatabases(root: string, workspace: Workspace): Databases {
  const started = new Map<Version, Promise<MigratedDatabase>>();

  async function start(version: Version): Promise<MigratedDatabase> {
    const starting = startTemporaryDatabase(
      version === "15"
        ? {
          binaryFolder: await findDebianPostgres(workspace.signal),
          settings: { ...undisturbed, ...withCron },
        }
        : { settings: undisturbed },
    );
    // Before it has started, because the run may be interrupted in between.
    workspace.defer(() => starting.then((database) => database.stop(), () => {}));
    const database = await starting;
    const server = await serverVersion(database.adminUrl);
    await supabase(root, ["db", "push", "--include-seed", "--remote", database.url], workspace);
    return { version, server, url: database.url, adminUrl: database.adminUrl };
  }

  return {
    migrated(version) {
      const database = started.get(version) ?? start(version);
      started.set(version, database);
      return database;
    },
  };
}

/** The version of the server, which must not be taken for another one. */
async function serverVersion(adminUrl: string): Promise<string> {
  const sql = postgres(adminUrl, { max: 1 });
  try {
    const [row] = await sql<{ version: string }[]>`
      select split_part(current_setting('server_version'), ' ', 1) as version
    `;
    return row?.version ?? "unknown";
  } finally {
    await sql.end();
  }
}
