import { join } from "node:path";
import { freePort } from "../../common/free-port.ts";
import { startPostgres } from "../../stack/postgres/postgres.ts";
import { prepareDatabase } from "../../stack/postgres/prepare-database.ts";

/** A Postgres that keeps its data from one run to the next. */
export interface Cluster {
  /** Connection string of `postgres`, who ran the migrations and passes policies. */
  url: string;
  /** Connection string of the superuser. */
  adminUrl: string;
  stop(): Promise<void>;
}

/** Settings that differ from Postgres' own, as on a small machine of the hosted platform. */
export const settings: Readonly<Record<string, string>> = {
  shared_buffers: "2GB",
  effective_cache_size: "6GB",
  work_mem: "16MB",
  maintenance_work_mem: "512MB",
  // The processor time of parallel workers would not be counted.
  max_parallel_workers_per_gather: "0",
  random_page_cost: "1.1",
  effective_io_concurrency: "200",
  max_wal_size: "8GB",
  checkpoint_timeout: "30min",
};

/** Further settings while data are loaded: nothing waits for the disk. */
const loading = {
  wal_level: "minimal",
  max_wal_senders: "0",
  fsync: "off",
  synchronous_commit: "off",
};

/** The data are no secret, and the server listens on 127.0.0.1 only. */
const adminPassword = "benchmark";

/**
 * Starts the Postgres of a folder, which is created if it is missing.
 *
 * @param purpose Selects the settings; a server must be stopped before it is started for another
 * purpose.
 */
export async function startCluster(
  folder: string,
  purpose: "load" | "measure",
): Promise<Cluster> {
  const port = freePort();
  const server = await startPostgres({
    dataFolder: join(folder, "postgres"),
    port,
    adminPassword,
    settings: purpose === "load" ? { ...settings, ...loading } : { ...settings },
    resetHint: `Remove "${folder}" and run again.`,
  });
  const adminUrl = `postgresql://supabase_admin:${adminPassword}@127.0.0.1:${port}/postgres`;
  try {
    if (server.isNew) await prepareDatabase(adminUrl);
  } catch (error) {
    await server.stop("immediate");
    throw error;
  }
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    adminUrl,
    stop: () => server.stop(),
  };
}
