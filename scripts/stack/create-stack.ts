import { join } from "node:path";
import postgres from "postgres";
import { CommandError } from "../common/command-error.ts";
import { pathInProject } from "../common/path-in-project.ts";
import { applyMigrations } from "./postgres/apply-migrations.ts";
import { type Courier, startCourier } from "./scheduler/courier.ts";
import { type DemoUpstream, startDemoUpstream } from "./demo-upstream/demo-upstream.ts";
import {
  environmentPath,
  type StackEnvironment,
  writeEnvironment,
} from "./folder/environment-file.ts";
import { type FunctionsHost, loadFunctions } from "./functions-host/functions-host.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { readMigrationState, rememberMigrations } from "./postgres/migration-state.ts";
import { createPlatformApi, type PlatformApi } from "./data-api/platform-api.ts";
import { type Postgres, startPostgres } from "./postgres/postgres.ts";
import { prepareDatabase } from "./postgres/prepare-database.ts";
import type { Progress } from "./progress.ts";
import { type StackRedis, startRedis } from "./redis/redis.ts";
import { type Scheduler, startScheduler } from "./scheduler/scheduler.ts";
import { ensureSecrets, type Secrets } from "./folder/secrets.ts";
import type { StackSettings } from "./folder/settings.ts";
import { settledWithin } from "./process/settled-within.ts";
import { alreadyRunning, lockStack, type StackLock } from "./folder/stack-lock.ts";

/** What a stack is given from outside. */
export interface StackOptions {
  settings: StackSettings;
  /** The environment of this process, where vendor credentials are looked for. */
  environment: Record<string, string>;
  progress: Progress;
}

/** A local stack: one process that stands in for the hosted platform. */
export interface Stack {
  /**
   * Starts everything and resolves once it answers.
   *
   * @throws {CommandError} when something is in the way.
   */
  start(): Promise<StackEnvironment>;
  /** Lets open work finish, up to ten seconds, and stops everything; also halfway through a start. */
  stop(): Promise<void>;
  /** Stops at once and loses what was open. */
  kill(): Promise<void>;
  /** Resolves when the database has ended. */
  broken: Promise<void>;
}

/** Time that open chats and settlements get when the stack stops, in milliseconds. */
const drainPatience = 10_000;

/** Time that jobs under way get; what is cut is undone, and done by the next run. In milliseconds. */
const jobPatience = 2_000;

const migrationsFolder = pathInProject("migrations");
const functionsFolder = pathInProject("functions");

/** Builds a stack for these settings; nothing happens before {@link Stack.start}. */
export function createStack({ settings, environment, progress }: StackOptions): Stack {
  const { folder, folderName, apiPort, databasePort } = settings;
  const resetHint = `"${resetCommand(folderName)}" empties the folder and starts afresh.`;
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const functionsUrl = `${apiUrl}/functions/v1`;
  const databaseUrl = (role: string, password: string) =>
    `postgresql://${role}:${password}@127.0.0.1:${databasePort}/postgres`;
  const publicUrl = databaseUrl("postgres", "postgres");
  const broken = Promise.withResolvers<void>();
  const interruption = new AbortController();
  let starting: Promise<unknown> = Promise.resolve();
  const running: {
    lock?: StackLock;
    gateway?: Gateway;
    server?: Postgres;
    api?: PlatformApi;
    demo?: DemoUpstream;
    redis?: StackRedis;
    functions?: FunctionsHost;
    courier?: Courier;
    scheduler?: Scheduler;
  } = {};

  function start(): Promise<StackEnvironment> {
    const result = startParts();
    starting = result.catch(() => {});
    return result;
  }

  async function startParts(): Promise<StackEnvironment> {
    await claimFolder();
    running.gateway = startGateway(apiPort);
    const secrets = await ensureSecrets(folder, resetHint);
    await startDatabase(secrets);
    const api = await startApis(secrets);
    const functions = await startFunctions(secrets);
    running.gateway.open({
      "/rest/v1/": api.fetch,
      "/auth/v1/": api.fetch,
      "/functions/v1/": functions.fetch,
    });
    await startJobs(secrets);
    const result = environmentOf(secrets);
    await writeEnvironment(folder, result);
    return result;
  }

  async function claimFolder(): Promise<void> {
    await makeFolder(folder, folderName);
    running.lock = await lockStack(folder) ?? undefined;
    if (running.lock === undefined) {
      throw await alreadyRunning("start a stack in", folder, folderName);
    }
    await Deno.remove(environmentPath(folder)).catch(() => {});
  }

  /** Starts Postgres and brings what is in it up to date. */
  async function startDatabase({ databasePassword }: Secrets): Promise<void> {
    const { signal } = interruption;
    const server = await progress.step("Postgres 17", () =>
      startPostgres({
        dataFolder: join(folder, "postgres"),
        port: databasePort,
        adminPassword: databasePassword,
        resetHint,
        signal,
      }), describeServer);
    running.server = server;
    server.ended.then(broken.resolve, broken.reject);
    signal.throwIfAborted();

    const adminUrl = databaseUrl("supabase_admin", databasePassword);
    await prepareDatabase(adminUrl, databasePassword);
    await migrate(publicUrl);
    await sweep(adminUrl);
    signal.throwIfAborted();
  }

  async function startApis(secrets: Secrets): Promise<PlatformApi> {
    const api = await progress.step("APIs", () =>
      createPlatformApi({
        databaseUrl: (role) => databaseUrl(role, secrets.databasePassword),
        apiUrl,
        ...secrets,
      }), () => "/rest/v1, /auth/v1");
    running.api = api;
    return api;
  }

  /** Starts the functions, and what they call: a model for who has none, and Redis. */
  async function startFunctions(secrets: Secrets): Promise<FunctionsHost> {
    const demo = startDemoUpstream();
    running.demo = demo;
    if (!environment.UPSTASH_REDIS_REST_URL) await startCache();
    const functions = await progress.step("Functions", () =>
      loadFunctions({
        folder: functionsFolder,
        environment: {
          SUPABASE_URL: apiUrl,
          SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: secrets.publishableKey }),
          SUPABASE_SECRET_KEYS: JSON.stringify({
            default: secrets.secretKey,
            cron: secrets.cronKey,
          }),
          JWT_SECRET: secrets.jwtSecret,
          DEMO_UPSTREAM_URL: demo.url,
          TRUSTED_HOSTS: "127.0.0.1,localhost",
          // Given from outside, they are an operator's who tries out a rotation.
          KEY_ENCRYPTION_KEYS: environment.KEY_ENCRYPTION_KEYS || secrets.keyEncryptionKeys,
          ...running.redis?.environment,
        },
        report: progress.note,
      }), (host) => host.names.join(", ") || "none");
    running.functions = functions;
    progress.note(`  Models       ${describeModels(vendorCredentials(environment))}`);
    return functions;
  }

  /** Starts what works by the clock: calls that the database asks for, and its jobs. */
  async function startJobs({ cronKey }: Secrets): Promise<void> {
    running.courier = await startCourier({
      url: publicUrl,
      functionsUrl,
      key: cronKey,
      report: progress.note,
    });
    running.scheduler = await progress.step(
      "Jobs",
      () => startScheduler({ url: publicUrl, report: progress.note }),
      ({ names }) => `${names.length} on schedule`,
    );
  }

  /** What a program needs to use this stack. */
  function environmentOf(secrets: Secrets): StackEnvironment {
    return {
      API_URL: apiUrl,
      DB_URL: publicUrl,
      PUBLISHABLE_KEY: secrets.publishableKey,
      SECRET_KEY: secrets.secretKey,
      JWT_SECRET: secrets.jwtSecret,
      FUNCTIONS_URL: functionsUrl,
      ...running.redis && { REDIS_URL: running.redis.url, ...running.redis.environment },
    };
  }

  async function migrate(url: string): Promise<void> {
    const state = await readMigrationState(url, migrationsFolder, folder);
    if (state.missing.length > 0) {
      throw new CommandError(
        `Cannot use the data in "${folderName}": migration "${
          state.missing[0]
        }" was applied to them and no longer exists. ${resetHint}`,
      );
    }
    if (state.changed.length > 0) {
      progress.note(
        `  Attention    changed since applied here: ${state.changed.join(", ")}. ${resetHint}`,
      );
    }
    if (state.pending.length > 0 || state.needsSeed) {
      await progress.step(
        "Migrations",
        () =>
          applyMigrations({ url, seed: state.needsSeed, signal: interruption.signal }).catch(
            suggestReset,
          ),
        (applied) => `${applied.length} applied${state.needsSeed ? ", seed loaded" : ""}`,
      );
    }
    if (state.changed.length === 0) await rememberMigrations(migrationsFolder, folder);
  }

  /** Redis is a cache: everything works without it. */
  async function startCache(): Promise<void> {
    try {
      running.redis = await progress.step(
        "Redis",
        () => startRedis(),
        (redis) => redis?.url ?? "none: there is no redis-server on this machine",
      ) ?? undefined;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      progress.note(`  Redis        none. ${error.message}`);
    }
  }

  function suggestReset(error: unknown): never {
    if (!(error instanceof CommandError) || running.server?.isNew) throw error;
    throw new CommandError(`${error.message}\nIf older data are in the way: ${resetHint}`);
  }

  function describeServer(server: Postgres): string {
    const left = server.replaced === null
      ? ""
      : `, after process ${server.replaced} left over there`;
    return `port ${server.port}, ${server.isNew ? "new" : "existing"} data in ${folderName}${left}`;
  }

  async function stop(): Promise<void> {
    interruption.abort();
    await starting;
    if (running.lock === undefined) return;
    await Deno.remove(environmentPath(folder)).catch(() => {});
    await running.scheduler?.stop(jobPatience);
    await running.courier?.stop(jobPatience);
    // First the functions, while the APIs that they settle their turns through still answer.
    await running.functions?.drain(drainPatience);
    await running.gateway?.close(1000);
    await Promise.all(
      [running.demo?.stop(), running.api?.close(), running.redis?.stop()].map((end) =>
        settledWithin(Promise.resolve(end), 2000)
      ),
    );
    await running.server?.stop("fast");
    await running.lock.release();
  }

  async function kill(): Promise<void> {
    interruption.abort();
    if (running.lock === undefined) return;
    await Deno.remove(environmentPath(folder)).catch(() => {});
    await running.server?.stop("immediate");
    await running.lock.release();
  }

  return { start, stop, kill, broken: broken.promise };
}

async function makeFolder(folder: string, folderName: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `Cannot make the folder "${folderName}": ${reason}. Choose another with STACK_DIR.`,
    );
  }
}

/** Fails the turns that an earlier stack left unsettled: here nobody else can be running them. */
async function sweep(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const [found] = await sql<{ exists: boolean }[]>`
      select to_regprocedure('public.sweep_chat_turns(timestamptz)') is not null as exists`;
    if (found?.exists) await sql`select public.sweep_chat_turns('infinity')`;
  } finally {
    await sql.end();
  }
}

/** Names of the variables that the functions take for vendors' credentials. */
function vendorCredentials(environment: Record<string, string>): string[] {
  return Object.keys(environment)
    .filter((name) =>
      /^[A-Z0-9_]+_(API_KEY|SERVICE_ACCOUNT)$/.test(name) && environment[name] !== ""
    )
    .sort();
}

/** Who answers, given the names of vendors' credentials. */
function describeModels(credentials: readonly string[]): string {
  return credentials.length === 0
    ? "a demo model answers: no vendor's key is set (such as OPENROUTER_API_KEY)"
    : `vendors' keys: ${credentials.join(", ")}; for other vendors a demo model answers`;
}

function resetCommand(folderName: string): string {
  return folderName === ".stack" ? "npm run reset" : `STACK_DIR=${folderName} npm run reset`;
}
