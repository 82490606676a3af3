import { freePort } from "../../scripts/common/free-port.ts";

/** How a pooler is set. */
export interface PgbouncerOptions {
  /** Connection string of the server behind it; its user and password are those of its clients. */
  url: string;
  mode: "transaction" | "session";
  /** Connections to the server. */
  poolSize: number;
  /** Connections of clients. */
  maxClients: number;
}

/** A pooler in front of a server. */
export interface Pgbouncer extends AsyncDisposable {
  /** Connection string through the pooler. */
  url: string;
}

/** Starts PgBouncer on a port of its own. */
export async function startPgbouncer(options: PgbouncerOptions): Promise<Pgbouncer> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-pgbouncer-" });
  // Root may not run it.
  await Deno.chmod(folder, 0o755);
  const port = freePort();
  const server = new URL(options.url);
  const users = `${folder}/users.txt`;
  await Deno.writeTextFile(users, `"${server.username}" "${server.password}"\n`);
  const settings = `${folder}/pgbouncer.ini`;
  await Deno.writeTextFile(
    settings,
    `[databases]
postgres = host=${server.hostname} port=${server.port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${options.mode}
default_pool_size = ${options.poolSize}
max_client_conn = ${options.maxClients}
query_wait_timeout = 1
server_login_retry = 1
`,
  );
  const isRoot = Deno.uid() === 0;
  const child = new Deno.Command("/usr/sbin/pgbouncer", {
    args: [settings],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    ...isRoot && { uid: 65534, gid: 65534 },
  }).spawn();
  await answers(port);
  const url = new URL(options.url);
  url.port = String(port);
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (true) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      // It counts as a client until the pooler has noticed.
      await new Promise((resolve) => setTimeout(resolve, 200));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
