import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../../scripts/common/free-port.ts";
import { applyMigrations } from "../../../scripts/stack/apply-migrations.ts";
import { type Postgres, startPostgres } from "../../../scripts/stack/postgres.ts";
import { prepareDatabase } from "../../../scripts/stack/prepare-database.ts";

/** Postgres 15 with pg_cron and all migrations, which can crash and come back. */
export interface CronServer extends AsyncDisposable {
  /** Connection string of `postgres`, who owns the jobs. */
  url: string;
  /** A connection of its own; it ends with the server. */
  connect(): postgres.Sql;
  /** Ends the server without a word and starts it again on what it left. */
  crash(): Promise<void>;
}

/** Starts the server on empty data. */
export async function startCronServer(): Promise<CronServer> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-" });
  // Postgres may have to run as another user, who then must be able to enter.
  await Deno.chmod(folder, 0o755);
  const port = freePort();
  const adminPassword = crypto.randomUUID();
  const url = `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
  const connections = new Set<postgres.Sql>();
  const start = () =>
    startPostgres({
      dataFolder: join(folder, "postgres"),
      port,
      adminPassword,
      binaryFolder: Deno.env.get("POSTGRES_15") ?? "/usr/lib/postgresql/15/bin",
      settings: {
        shared_preload_libraries: "pg_cron",
        "cron.database_name": "postgres",
        // Its other way, a connection, would need a password in a file.
        "cron.use_background_workers": "on",
        max_worker_processes: "20",
        log_min_messages: "fatal",
      },
    });
  const disconnect = async () => {
    await Promise.all([...connections].map((sql) => sql.end({ timeout: 0 })));
    connections.clear();
  };

  let server: Postgres = await start();
  await prepareDatabase(`postgresql://supabase_admin:${adminPassword}@127.0.0.1:${port}/postgres`);
  await applyMigrations({ url });
  return {
    url,
    connect() {
      const sql = postgres(url, { max: 1, onnotice: () => {} });
      connections.add(sql);
      return sql;
    },
    async crash() {
      await server.stop("immediate");
      await disconnect();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await disconnect();
      await server.stop("immediate");
      await Deno.remove(folder, { recursive: true });
    },
  };
}
