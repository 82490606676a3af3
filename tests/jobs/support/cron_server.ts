import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../../scripts/common/free-port.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/apply-migrations.ts";
import { type Postgres, startPostgres } from "../../../scripts/stack/postgres/postgres.ts";
import { prepareDatabase } from "../../../scripts/stack/postgres/prepare-database.ts";

/** Postgres 15 with pg_cron and all migrations, which can crash and come back. */
export interface CronServer extends AsyncDisposable {
  /** Connection string of `postgres`, who owns the jobs. */
  url: string;
  /** A connection of its own; it ends with the server. */
  connect(): postgres.Sql;
  /** Ends the server without a word and starts it again on what it left, once something has ended. */
  crash(whileDown: () => Promise<void>): Promise<void>;
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
        "cron.host": "127.0.0.1",
        log_min_messages: "fatal",
      },
    });
  const disconnect = async () => {
    await Promise.all([...connections].map((sql) => sql.end({ timeout: 0 })));
    connections.clear();
  };

  let server: Postgres = await start();
  const adminUrl = `postgresql://supabase_admin:${adminPassword}@127.0.0.1:${port}/postgres`;
  await prepareDatabase(adminUrl);
  await letCronIn(join(folder, "postgres", "pg_hba.conf"), adminUrl);
  await applyMigrations({ url });
  return {
    url,
    connect() {
      const sql = postgres(url, { max: 1, onnotice: () => {} });
      connections.add(sql);
      return sql;
    },
    async crash(whileDown) {
      await server.stop("immediate");
      await disconnect();
      await whileDown();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await disconnect();
      await server.stop("immediate");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** pg_cron connects as the owner of a job and knows no password, here as anywhere. */
async function letCronIn(file: string, adminUrl: string): Promise<void> {
  const rules = await Deno.readTextFile(file);
  await Deno.writeTextFile(file, `host postgres postgres 127.0.0.1/32 trust\n${rules}`);
  const admin = postgres(adminUrl, { max: 1 });
  await admin`select pg_reload_conf()`;
  await admin.end();
}
