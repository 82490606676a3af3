import { join } from "node:path";
import postgres from "postgres";
import { freePort } from "../../../scripts/common/free-port.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/apply-migrations.ts";
import { createPlatformApi } from "../../../scripts/stack/data-api/platform-api.ts";
import { type Postgres, startPostgres } from "../../../scripts/stack/postgres/postgres.ts";
import {
  functionsRole,
  openFunctionsRole,
} from "../../../scripts/stack/postgres/functions-role.ts";
import { prepareDatabase } from "../../../scripts/stack/postgres/prepare-database.ts";
import { ensureSecrets } from "../../../scripts/stack/folder/secrets.ts";
import { startWireProxy, type WireProxy } from "./wire_proxy.ts";

/** A separate database server for a test, with both APIs and a proxy between them. */
export interface OwnPlatform extends AsyncDisposable {
  /** The proxy between the APIs and the server. */
  proxy: WireProxy;
  /** A connection that bypasses the proxy. */
  sql: postgres.Sql;
  /** Connection string of the functions, through the proxy. */
  databaseUrl: string;
  API_URL: string;
  PUBLISHABLE_KEY: string;
  SECRET_KEY: string;
  JWT_SECRET: string;
  /** Ends the server as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts the server again on the same data. */
  restart(): Promise<void>;
}

/** How long the processes of a killed server may take to exit, in milliseconds. */
const patience = 20_000;

/** Starts all of it on empty data. */
export async function startOwnPlatform(): Promise<OwnPlatform> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-platform-" });
  // The database server may run as another user.
  await Deno.chmod(folder, 0o755);
  const dataFolder = join(folder, "postgres");
  const port = freePort();
  const secrets = await ensureSecrets(folder, "");
  const start = (): Promise<Postgres> =>
    startPostgres({ dataFolder, port, adminPassword: secrets.databasePassword });
  const urlOf = (role: string, through: number, password = secrets.databasePassword) =>
    `postgresql://${role}:${password}@127.0.0.1:${through}/postgres`;

  let server = await start();
  await prepareDatabase(urlOf("supabase_admin", port), secrets.databasePassword);
  const ownerUrl = urlOf("postgres", port, "postgres");
  await applyMigrations({ url: ownerUrl });
  await openFunctionsRole(urlOf("supabase_admin", port), secrets.databasePassword);
  const proxy = await startWireProxy(port);
  const http = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const apiUrl = `http://127.0.0.1:${http.addr.port}`;
  http.close();
  const api = await createPlatformApi({
    report: () => {},
    databaseUrl: (role) => urlOf(role, proxy.port),
    apiUrl,
    ...secrets,
  });
  const web = Deno.serve(
    { hostname: "127.0.0.1", port: http.addr.port, onListen: () => {} },
    (request, { remoteAddr }) => api.fetch(request, remoteAddr.hostname),
  );
  const sql = postgres(ownerUrl, { max: 4, onnotice: () => {} });

  return {
    proxy,
    sql,
    databaseUrl: urlOf(functionsRole, proxy.port),
    API_URL: apiUrl,
    PUBLISHABLE_KEY: secrets.publishableKey,
    SECRET_KEY: secrets.secretKey,
    JWT_SECRET: secrets.jwtSecret,
    async kill() {
      const lock = await Deno.readTextFile(join(dataFolder, "postmaster.pid"));
      Deno.kill(Number.parseInt(lock, 10), "SIGKILL");
      await server.ended;
      const deadline = Date.now() + patience;
      while (await isInUse(dataFolder)) {
        if (Date.now() > deadline) throw new Error(`Cannot wait longer: "${dataFolder}" is in use`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async restart() {
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await sql.end({ timeout: 1 });
      await web.shutdown();
      await api.close();
      await proxy[Symbol.asyncDispose]();
      await server.stop("immediate");
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Whether a process uses a data folder, as every process of a server does. */
async function isInUse(dataFolder: string): Promise<boolean> {
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    if (await Deno.readLink(`/proc/${name}/cwd`).catch(() => "") === dataFolder) return true;
  }
  return false;
}
