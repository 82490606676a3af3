import { join } from "node:path";
import { freePort } from "../../common/free-port.ts";
import { startPostgres } from "./postgres.ts";
import { prepareDatabase } from "./prepare-database.ts";

/** Options of {@link startTemporaryDatabase}. */
export interface TemporaryDatabaseOptions {
  /** Folder with `initdb` and `postgres`. @default the embedded Postgres 17 */
  binaryFolder?: string;
  /** Further server settings, for instance `{ shared_preload_libraries: "pg_cron" }`. */
  settings?: Record<string, string>;
  /** TCP port on 127.0.0.1. @default a free one */
  port?: number;
}

/** A database that exists for one run. */
export interface TemporaryDatabase {
  port: number;
  /** Connection string of `postgres`, who runs migrations and is no superuser. */
  url: string;
  /** Connection string of the superuser `supabase_admin`. */
  adminUrl: string;
  /** Stops the server and removes its data. Can be repeated. */
  stop(): Promise<void>;
}

/**
 * Starts Postgres on empty data in a temporary folder, with everything that the platform has before
 * the first migration. Made for tests: it does not wait for the disk.
 *
 * The server ends with this process, however that ends; the folder is removed by `stop`.
 */
export async function startTemporaryDatabase(
  options: TemporaryDatabaseOptions = {},
): Promise<TemporaryDatabase> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-" });
  // Postgres may have to run as another user, who then must be able to enter.
  await Deno.chmod(folder, 0o755);
  const password = crypto.randomUUID();
  const port = options.port ?? freePort();
  const remove = () => Deno.remove(folder, { recursive: true }).catch(() => {});
  try {
    const server = await startPostgres({
      dataFolder: join(folder, "postgres"),
      port,
      adminPassword: password,
      binaryFolder: options.binaryFolder,
      settings: {
        fsync: "off",
        synchronous_commit: "off",
        full_page_writes: "off",
        ...options.settings,
      },
    });
    const adminUrl = `postgresql://supabase_admin:${password}@127.0.0.1:${port}/postgres`;
    const stop = async () => {
      await server.stop("immediate");
      await remove();
    };
    try {
      await prepareDatabase(adminUrl);
    } catch (error) {
      await stop();
      throw error;
    }
    return {
      port,
      url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
      adminUrl,
      stop,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
