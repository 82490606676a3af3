import { freePort } from "../../common/free-port.ts";
import { linesOf } from "../../common/lines-of.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import { startPgbouncer } from "../../../tests/pooler/pgbouncer.ts";
import { addressesOf } from "../../stack/addresses.ts";
import { startDemoUpstream } from "../../stack/demo-upstream/demo-upstream.ts";
import type { StackEnvironment } from "../../stack/folder/environment-file.ts";
import { ensureSecrets } from "../../stack/folder/secrets.ts";
import { functionsEnvironment } from "../../stack/functions-host/functions-environment.ts";
import { needPgbouncer } from "../support/pooler-tests.ts";
import { startBalancer } from "./balancer.ts";

/** Several hosts of functions before the Postgres and the Redis of one stack. */
export interface Hosts extends AsyncDisposable {
  /** Instead of the stack's own FUNCTIONS_URL: a balancer in front of all hosts. */
  functionsUrl: string;
  /** Ends one host at once, as a failure of its machine does, and starts it again. */
  crash(): Promise<void>;
}

/** What the hosts stand before. */
export interface HostsOptions {
  /** Folder of a running stack. */
  folder: string;
  environment: StackEnvironment;
  /** Added to the environment of each host, such as credentials of vendors. */
  env: Record<string, string>;
  /** How many hosts. */
  count: number;
  signal: AbortSignal;
}

/** Connections of the pooler to Postgres, and of each host to the pooler. */
const poolSize = { server: 12, host: 8 };

/**
 * Starts hosts that call Postgres through one PgBouncer in transaction mode, and a balancer in front
 * of them. The stack's own functions go on and are not called by it; its jobs run as ever.
 *
 * @throws {NotAvailable} where there is no PgBouncer and none can be installed.
 */
export async function startHosts(options: HostsOptions): Promise<Hosts> {
  await needPgbouncer(options.signal);
  await using started = new AsyncDisposableStack();
  const secrets = await ensureSecrets(options.folder, "");
  const { port: databasePort } = new URL(options.environment.DB_URL);
  const { port: apiPort } = new URL(options.environment.API_URL);
  const addresses = addressesOf({ apiPort: Number(apiPort), databasePort: Number(databasePort) });
  const common = functionsEnvironment(addresses, secrets);
  const pooler = started.use(
    await startPgbouncer({
      url: common.DATABASE_URL ?? "",
      mode: "transaction",
      poolSize: poolSize.server,
      maxClients: 200,
    }),
  );
  const demo = startDemoUpstream();
  started.defer(() => demo.stop());
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = options.environment;
  const env = {
    ...common,
    DATABASE_URL: pooler.url,
    DATABASE_POOL_SIZE: String(poolSize.host),
    DEMO_UPSTREAM_URL: demo.url,
    ...UPSTASH_REDIS_REST_URL && UPSTASH_REDIS_REST_TOKEN
      ? { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN }
      : {},
    ...options.env,
  };
  const ports = Array.from({ length: options.count }, () => freePort());
  const processes = await Promise.all(ports.map((port) => startProcess(port, env)));
  started.defer(async () => {
    for (const child of processes) child.kill("SIGTERM");
    await Promise.all(processes.map(({ status }) => status));
  });
  const balancer = started.use(startBalancer(ports.map((port) => `http://127.0.0.1:${port}`)));
  const held = started.move();
  return {
    functionsUrl: `${balancer.url}/functions/v1`,
    async crash() {
      processes[0]?.kill("SIGKILL");
      await processes[0]?.status;
      processes[0] = await startProcess(ports[0] ?? 0, env);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Starts a host and waits until it answers; its later output is dropped. */
async function startProcess(port: number, env: Record<string, string>): Promise<Deno.ChildProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", pathInProject("scripts/test/hosts/functions-process.ts"), String(port)],
    cwd: pathInProject("."),
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const ready = Promise.withResolvers<void>();
  const read = async () => {
    for await (const line of linesOf(child.stdout)) if (line === "ready") ready.resolve();
    ready.reject(new Error("A host of functions ended before it answered."));
  };
  read().catch(ready.reject);
  await ready.promise;
  return child;
}
