import { join } from "node:path";
import { CommandError } from "../common/command-error.ts";
import { pathInProject } from "../common/path-in-project.ts";
import type { Addresses } from "./addresses.ts";
import { createPlatformApi, type PlatformApi } from "./data-api/platform-api.ts";
import type { DemoUpstream } from "./demo-upstream/demo-upstream.ts";
import type { Secrets } from "./folder/secrets.ts";
import type { StackSettings } from "./folder/settings.ts";
import type { StackLock } from "./folder/stack-lock.ts";
import { functionsEnvironment } from "./functions-host/functions-environment.ts";
import { type FunctionsHost, loadFunctions } from "./functions-host/functions-host.ts";
import type { Gateway } from "./gateway.ts";
import { openFunctionsRole } from "./postgres/functions-role.ts";
import { migrateDatabase } from "./postgres/migrate-database.ts";
import { type Postgres, startPostgres } from "./postgres/postgres.ts";
import { prepareDatabase } from "./postgres/prepare-database.ts";
import { prepareTurns } from "./postgres/prepare-turns.ts";
import type { Progress } from "./progress.ts";
import { type Realtime, startRealtime } from "./realtime/realtime.ts";
import { type StackRedis, startRedis } from "./redis/redis.ts";
import { type OutboxRelay, startOutboxRelay } from "./scheduler/outbox-relay.ts";
import { type Scheduler, startScheduler } from "./scheduler/scheduler.ts";
import { startStorage, type Storage } from "./storage/storage.ts";
import { describeModels, vendorCredentials } from "./vendor-credentials.ts";

/** The parts of a stack that have been started so far, in the order of a start. */
export interface Parts {
  lock?: StackLock;
  gateway?: Gateway;
  server?: Postgres;
  api?: PlatformApi;
  realtime?: Realtime;
  storage?: Storage;
  demo?: DemoUpstream;
  redis?: StackRedis | undefined;
  functions?: FunctionsHost;
  relay?: OutboxRelay;
  scheduler?: Scheduler;
}

/** What the parts of a stack are started with. */
export interface PartOptions {
  settings: StackSettings;
  /** The environment of this process. */
  environment: Record<string, string>;
  progress: Progress;
  addresses: Addresses;
  secrets: Secrets;
  /** Says how to start with a new database. */
  resetHint: string;
  /** Aborted when the stack stops during its start. */
  signal: AbortSignal;
}

/** Starts Postgres on the data of the folder, or on new ones. */
export function startServer(options: PartOptions): Promise<Postgres> {
  const { settings, secrets, resetHint, signal } = options;
  return options.progress.step("Postgres 17", () =>
    startPostgres({
      dataFolder: join(settings.folder, "postgres"),
      port: settings.databasePort,
      adminPassword: secrets.databasePassword,
      resetHint,
      signal,
    }), ({ port, isNew, replaced }) => {
    const left = replaced === null ? "" : `, after process ${replaced} left over there`;
    return `port ${port}, ${isNew ? "new" : "existing"} data in ${settings.folderName}${left}`;
  });
}

/** Applies pending migrations, and prepares roles and data. */
export async function updateDatabase(options: PartOptions, isNew: boolean): Promise<void> {
  const { settings, secrets: { databasePassword }, addresses, signal } = options;
  const adminUrl = addresses.databaseUrl("supabase_admin", databasePassword);
  await prepareDatabase(adminUrl, databasePassword);
  await migrateDatabase({
    url: addresses.publicUrl,
    migrationsFolder: pathInProject("migrations"),
    folder: settings.folder,
    folderName: settings.folderName,
    isNew,
    resetHint: options.resetHint,
    progress: options.progress,
    signal,
  });
  await openFunctionsRole(adminUrl, databasePassword);
  await prepareTurns(adminUrl, isNew);
  signal.throwIfAborted();
}

/** Starts the Data API and Auth. */
export function startApis(
  { progress, addresses, secrets, environment }: PartOptions,
): Promise<PlatformApi> {
  return progress.step("APIs", () =>
    createPlatformApi({
      databaseUrl: (role) => addresses.databaseUrl(role, secrets.databasePassword),
      apiUrl: addresses.apiUrl,
      report: progress.note,
      jwksUrl: environment.SUPABASE_JWKS_URL,
      ...secrets,
    }), () => "/rest/v1, /auth/v1");
}

/** Starts Realtime. */
export function startRealtimeServer(
  { progress, addresses, secrets, environment }: PartOptions,
): Promise<Realtime> {
  return progress.step("Realtime", () =>
    startRealtime({
      url: addresses.databaseUrl("supabase_admin", secrets.databasePassword),
      report: progress.note,
      jwksUrl: environment.SUPABASE_JWKS_URL,
      ...secrets,
    }), () => "/realtime/v1");
}

/** Starts Storage. */
export function startStorageServer(
  { progress, addresses, secrets, environment, settings }: PartOptions,
): Promise<Storage> {
  const urlOf = (role: string) => addresses.databaseUrl(role, secrets.databasePassword);
  return progress.step("Storage", () =>
    startStorage({
      url: urlOf("authenticator"),
      ownerUrl: urlOf("supabase_admin"),
      folder: join(settings.folder, "storage"),
      jwksUrl: environment.SUPABASE_JWKS_URL,
      ...secrets,
    }), () => "/storage/v1");
}

/** Starts Redis where it is installed: it is a cache, and everything works without it. */
export async function startCache({ progress }: PartOptions): Promise<StackRedis | undefined> {
  try {
    return await progress.step(
      "Redis",
      () => startRedis(),
      // Without the password, which is in the file of the environment.
      (redis) =>
        redis === null ? "none: redis-server is not installed" : `port ${new URL(redis.url).port}`,
    ) ?? undefined;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    progress.note(`  Redis        none. ${error.message}`);
  }
}

/** Loads the functions, with the demo model and Redis that they call. */
export async function startFunctions(
  { progress, addresses, secrets, environment }: PartOptions,
  { demo, redis }: { demo: DemoUpstream; redis: StackRedis | undefined },
): Promise<FunctionsHost> {
  const functions = await progress.step("Functions", () =>
    loadFunctions({
      folder: pathInProject("functions"),
      environment: {
        ...functionsEnvironment(addresses, secrets),
        // All functions share this process, and so the pool.
        DATABASE_POOL_SIZE: environment.DATABASE_POOL_SIZE || "8",
        DEMO_UPSTREAM_URL: demo.url,
        // An operator who tries out a rotation sets them in the environment.
        KEY_ENCRYPTION_KEYS: environment.KEY_ENCRYPTION_KEYS || secrets.keyEncryptionKeys,
        ...redis?.environment,
      },
      report: progress.note,
    }), (host) => host.names.join(", ") || "none");
  progress.note(`  Models       ${describeModels(vendorCredentials(environment))}`);
  return functions;
}

/** Starts sending the calls of functions that the database asks for. */
export function startRelay({ addresses, secrets, progress }: PartOptions): Promise<OutboxRelay> {
  return startOutboxRelay({
    url: addresses.publicUrl,
    functionsUrl: addresses.functionsUrl,
    key: secrets.cronKey,
    report: progress.note,
  });
}

/** Starts the scheduler of the database's jobs. */
export function startJobs({ addresses, progress }: PartOptions): Promise<Scheduler> {
  return progress.step(
    "Jobs",
    () => startScheduler({ url: addresses.publicUrl, report: progress.note }),
    ({ names }) => `${names.length} on schedule`,
  );
}
