import { join } from "node:path";
import postgres from "postgres";
import { CommandError } from "../common/command-error.ts";
import { pathInProject } from "../common/path-in-project.ts";
import { type Addresses, addressesOf } from "./addresses.ts";
import { migrateDatabase } from "./postgres/migrate-database.ts";
import { type OutboxRelay, startOutboxRelay } from "./scheduler/outbox-relay.ts";
import { type DemoUpstream, startDemoUpstream } from "./demo-upstream/demo-upstream.ts";
import {
  environmentPath,
  type StackEnvironment,
  writeEnvironment,
} from "./folder/environment-file.ts";
import { functionsEnvironment } from "./functions-host/functions-environment.ts";
import { type FunctionsHost, loadFunctions } from "./functions-host/functions-host.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { createPlatformApi, type PlatformApi } from "./data-api/platform-api.ts";
import { type Postgres, startPostgres } from "./postgres/postgres.ts";
import { openFunctionsRole } from "./postgres/functions-role.ts";
import { prepareDatabase } from "./postgres/prepare-database.ts";
import type { Progress } from "./progress.ts";
import { type Realtime, startRealtime } from "./realtime/realtime.ts";
import { type StackRedis, startRedis } from "./redis/redis.ts";
import { type Scheduler, startScheduler } from "./scheduler/scheduler.ts";
import { ensureSecrets, type Secrets } from "./folder/secrets.ts";
import type { StackSettings } from "./folder/settings.ts";
import { settledWithin } from "./process/settled-within.ts";
import { startStorage, type Storage } from "./storage/storage.ts";
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
export function createStack(options: StackOptions): Stack {
  return new LocalStack(options);
}

/** What has been started so far. */
interface Parts {
  lock?: StackLock;
  gateway?: Gateway;
  server?: Postgres;
  api?: PlatformApi;
  realtime?: Realtime;
  storage?: Storage;
  demo?: DemoUpstream;
  redis?: StackRedis;
  functions?: FunctionsHost;
  relay?: OutboxRelay;
  scheduler?: Scheduler;
}

class LocalStack implements Stack {
  readonly #settings: StackSettings;
  readonly #environment: Record<string, string>;
  readonly #progress: Progress;
  readonly #addresses: Addresses;
  readonly #resetHint: string;
  readonly #broken = Promise.withResolvers<void>();
  readonly #interruption = new AbortController();
  readonly #running: Parts = {};
  #starting: Promise<unknown> = Promise.resolve();

  readonly broken = this.#broken.promise;

  constructor({ settings, environment, progress }: StackOptions) {
    this.#settings = settings;
    this.#environment = environment;
    this.#progress = progress;
    this.#addresses = addressesOf(settings);
    this.#resetHint = `"${
      resetCommand(settings.folderName)
    }" deletes this data and starts with a new database.`;
  }

  start(): Promise<StackEnvironment> {
    const result = this.#startParts();
    this.#starting = result.catch(() => {});
    return result;
  }

  async #startParts(): Promise<StackEnvironment> {
    await this.#claimFolder();
    this.#running.gateway = startGateway(this.#settings.apiPort);
    const secrets = await ensureSecrets(this.#settings.folder, this.#resetHint);
    await this.#startDatabase(secrets);
    const api = await this.#startApis(secrets);
    const realtime = await this.#startRealtime(secrets);
    const storage = await this.#startStorage(secrets);
    const functions = await this.#startFunctions(secrets);
    this.#running.gateway.open({
      "/rest/v1/": api.fetch,
      "/auth/v1/": api.fetch,
      "/functions/v1/": functions.fetch,
      "/realtime/v1/": realtime.fetch,
      "/storage/v1/": storage.fetch,
    });
    await this.#startJobs(secrets);
    const result = this.#environmentOf(secrets);
    await writeEnvironment(this.#settings.folder, result);
    return result;
  }

  async #claimFolder(): Promise<void> {
    await makeFolder(this.#settings.folder, this.#settings.folderName);
    this.#running.lock = await lockStack(this.#settings.folder) ?? undefined;
    if (this.#running.lock === undefined) {
      throw await alreadyRunning(
        "start a stack in",
        this.#settings.folder,
        this.#settings.folderName,
      );
    }
    await Deno.remove(environmentPath(this.#settings.folder)).catch(() => {});
  }

  /** Starts Postgres and brings what is in it up to date. */
  async #startDatabase({ databasePassword }: Secrets): Promise<void> {
    const { signal } = this.#interruption;
    const server = await this.#progress.step("Postgres 17", () =>
      startPostgres({
        dataFolder: join(this.#settings.folder, "postgres"),
        port: this.#settings.databasePort,
        adminPassword: databasePassword,
        resetHint: this.#resetHint,
        signal,
      }), (started) => this.#describeServer(started));
    this.#running.server = server;
    server.ended.then(this.#broken.resolve, this.#broken.reject);
    signal.throwIfAborted();

    const adminUrl = this.#addresses.databaseUrl("supabase_admin", databasePassword);
    await prepareDatabase(adminUrl, databasePassword);
    await migrateDatabase({
      url: this.#addresses.publicUrl,
      migrationsFolder,
      folder: this.#settings.folder,
      folderName: this.#settings.folderName,
      isNew: server.isNew,
      resetHint: this.#resetHint,
      progress: this.#progress,
      signal,
    });
    await openFunctionsRole(adminUrl, databasePassword);
    if (server.isNew) await sellCatalogue(adminUrl);
    await sweep(adminUrl);
    signal.throwIfAborted();
  }

  async #startApis(secrets: Secrets): Promise<PlatformApi> {
    const api = await this.#progress.step("APIs", () =>
      createPlatformApi({
        databaseUrl: (role) => this.#addresses.databaseUrl(role, secrets.databasePassword),
        apiUrl: this.#addresses.apiUrl,
        report: this.#progress.note,
        jwksUrl: this.#environment.SUPABASE_JWKS_URL,
        ...secrets,
      }), () => "/rest/v1, /auth/v1");
    this.#running.api = api;
    return api;
  }

  async #startRealtime(secrets: Secrets): Promise<Realtime> {
    const realtime = await this.#progress.step("Realtime", () =>
      startRealtime({
        url: this.#addresses.databaseUrl("supabase_admin", secrets.databasePassword),
        report: this.#progress.note,
        jwksUrl: this.#environment.SUPABASE_JWKS_URL,
        ...secrets,
      }), () => "/realtime/v1");
    this.#running.realtime = realtime;
    return realtime;
  }

  async #startStorage(secrets: Secrets): Promise<Storage> {
    const urlOf = (role: string) => this.#addresses.databaseUrl(role, secrets.databasePassword);
    const storage = await this.#progress.step("Storage", () =>
      startStorage({
        url: urlOf("authenticator"),
        ownerUrl: urlOf("supabase_admin"),
        folder: join(this.#settings.folder, "storage"),
        jwksUrl: this.#environment.SUPABASE_JWKS_URL,
        ...secrets,
      }), () => "/storage/v1");
    this.#running.storage = storage;
    return storage;
  }

  /** Starts the functions, and what they call: the demo model and Redis. */
  async #startFunctions(secrets: Secrets): Promise<FunctionsHost> {
    const demo = startDemoUpstream();
    this.#running.demo = demo;
    if (!this.#environment.UPSTASH_REDIS_REST_URL) await this.#startCache();
    const functions = await this.#progress.step("Functions", () =>
      loadFunctions({
        folder: functionsFolder,
        environment: {
          ...functionsEnvironment(this.#addresses, secrets),
          // All functions share this process, and so the pool.
          DATABASE_POOL_SIZE: this.#environment.DATABASE_POOL_SIZE || "8",
          DEMO_UPSTREAM_URL: demo.url,
          // Given from outside, they are an operator's who tries out a rotation.
          KEY_ENCRYPTION_KEYS: this.#environment.KEY_ENCRYPTION_KEYS || secrets.keyEncryptionKeys,
          ...this.#running.redis?.environment,
        },
        report: this.#progress.note,
      }), (host) => host.names.join(", ") || "none");
    this.#running.functions = functions;
    this.#progress.note(`  Models       ${describeModels(vendorCredentials(this.#environment))}`);
    return functions;
  }

  /** Starts what works by the clock: calls that the database asks for, and its jobs. */
  async #startJobs({ cronKey }: Secrets): Promise<void> {
    this.#running.relay = await startOutboxRelay({
      url: this.#addresses.publicUrl,
      functionsUrl: this.#addresses.functionsUrl,
      key: cronKey,
      report: this.#progress.note,
    });
    this.#running.scheduler = await this.#progress.step(
      "Jobs",
      () => startScheduler({ url: this.#addresses.publicUrl, report: this.#progress.note }),
      ({ names }) => `${names.length} on schedule`,
    );
  }

  /** What a program needs to use this stack. */
  #environmentOf(secrets: Secrets): StackEnvironment {
    const credentials = vendorCredentials(this.#environment);
    return {
      API_URL: this.#addresses.apiUrl,
      DB_URL: this.#addresses.publicUrl,
      PUBLISHABLE_KEY: secrets.publishableKey,
      SECRET_KEY: secrets.secretKey,
      JWT_SECRET: secrets.jwtSecret,
      FUNCTIONS_URL: this.#addresses.functionsUrl,
      ...credentials.length > 0 && { VENDOR_CREDENTIALS: credentials.join(",") },
      ...this.#running.redis &&
        { REDIS_URL: this.#running.redis.url, ...this.#running.redis.environment },
    };
  }

  /** Redis is a cache: everything works without it. */
  async #startCache(): Promise<void> {
    try {
      this.#running.redis = await this.#progress.step(
        "Redis",
        () => startRedis(),
        // Without the password, which is in the file of the environment.
        (redis) =>
          redis === null
            ? "none: redis-server is not installed"
            : `port ${new URL(redis.url).port}`,
      ) ?? undefined;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.#progress.note(`  Redis        none. ${error.message}`);
    }
  }

  #describeServer(server: Postgres): string {
    const left = server.replaced === null
      ? ""
      : `, after process ${server.replaced} left over there`;
    return `port ${server.port}, ${
      server.isNew ? "new" : "existing"
    } data in ${this.#settings.folderName}${left}`;
  }

  async stop(): Promise<void> {
    this.#interruption.abort();
    await this.#starting;
    if (this.#running.lock === undefined) return;
    await Deno.remove(environmentPath(this.#settings.folder)).catch(() => {});
    await this.#running.scheduler?.stop(jobPatience);
    await this.#running.relay?.stop(jobPatience);
    // First the functions, while the APIs that they settle their turns through still answer.
    await this.#running.functions?.drain(drainPatience);
    await settledWithin(this.#running.realtime?.stop() ?? Promise.resolve(), 2000);
    await this.#running.gateway?.close(1000);
    await Promise.all(
      [
        this.#running.demo?.stop(),
        this.#running.api?.close(),
        this.#running.storage?.stop(),
        this.#running.redis?.stop(),
      ].map((end) => settledWithin(Promise.resolve(end), 2000)),
    );
    await this.#running.server?.stop("fast");
    await this.#running.lock.release();
  }

  async kill(): Promise<void> {
    this.#interruption.abort();
    if (this.#running.lock === undefined) return;
    await Deno.remove(environmentPath(this.#settings.folder)).catch(() => {});
    await this.#running.server?.stop("immediate");
    await this.#running.lock.release();
  }
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

/** Fails the turns that an earlier stack left unsettled: no other process can be running them here. */
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

/** Lets people's own agents use the platform's credential, or the demo model that stands in for it. */
async function sellCatalogue(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql`update public.plans set platform_credential = 'priced_catalogue'`;
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
