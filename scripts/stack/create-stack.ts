import { CommandError } from "../common/command-error.ts";
import { type Addresses, addressesOf } from "./addresses.ts";
import { startDemoUpstream } from "./demo-upstream/demo-upstream.ts";
import {
  environmentPath,
  type StackEnvironment,
  writeEnvironment,
} from "./folder/environment-file.ts";
import { ensureSecrets, type Secrets } from "./folder/secrets.ts";
import type { StackSettings } from "./folder/settings.ts";
import { alreadyRunning, lockStack } from "./folder/stack-lock.ts";
import { startGateway } from "./gateway.ts";
import {
  type PartOptions,
  type Parts,
  startApis,
  startCache,
  startFunctions,
  startJobs,
  startRealtimeServer,
  startRelay,
  startServer,
  startStorageServer,
  updateDatabase,
} from "./parts.ts";
import { settledWithin } from "./process/settled-within.ts";
import type { Progress } from "./progress.ts";
import { vendorCredentials } from "./vendor-credentials.ts";

/** What a stack is given from outside. */
export interface StackOptions {
  settings: StackSettings;
  /** The environment of this process, which may have vendors' credentials. */
  environment: Record<string, string>;
  progress: Progress;
}

/** A local stack: one process that stands in for the hosted platform. */
export interface Stack {
  /**
   * Starts everything and resolves once it answers.
   *
   * @throws {CommandError} when a part cannot be started.
   */
  start(): Promise<StackEnvironment>;
  /** Stops everything after open work has finished, or after ten seconds; also during a start. */
  stop(): Promise<void>;
  /** Stops at once and loses open work. */
  kill(): Promise<void>;
  /** Resolves when the database has ended. */
  broken: Promise<void>;
}

/** Time that open chats and settlements have when the stack stops, in milliseconds. */
const drainPatience = 10_000;

/** Time that running jobs have to finish, in milliseconds; the next run repeats one that is cancelled. */
const jobPatience = 2_000;

/** Builds a stack for these settings; nothing happens before {@link Stack.start}. */
export function createStack(options: StackOptions): Stack {
  return new LocalStack(options);
}

class LocalStack implements Stack {
  readonly #options: StackOptions;
  readonly #addresses: Addresses;
  readonly #resetHint: string;
  readonly #broken = Promise.withResolvers<void>();
  readonly #interruption = new AbortController();
  readonly #running: Parts = {};
  #starting: Promise<unknown> = Promise.resolve();

  readonly broken = this.#broken.promise;

  constructor(options: StackOptions) {
    this.#options = options;
    this.#addresses = addressesOf(options.settings);
    this.#resetHint = `"${
      resetCommand(options.settings.folderName)
    }" deletes this data and starts with a new database.`;
  }

  start(): Promise<StackEnvironment> {
    const result = this.#startParts();
    this.#starting = result.catch(() => {});
    return result;
  }

  async #startParts(): Promise<StackEnvironment> {
    const { settings, environment } = this.#options;
    const running = this.#running;
    await this.#lockFolder();
    const gateway = running.gateway = startGateway(settings.apiPort);
    const secrets = await ensureSecrets(settings.folder, this.#resetHint);
    const options: PartOptions = {
      ...this.#options,
      secrets,
      addresses: this.#addresses,
      resetHint: this.#resetHint,
      signal: this.#interruption.signal,
    };
    const server = running.server = await startServer(options);
    server.ended.then(this.#broken.resolve, this.#broken.reject);
    options.signal.throwIfAborted();
    await updateDatabase(options, server.isNew);
    const api = running.api = await startApis(options);
    const realtime = running.realtime = await startRealtimeServer(options);
    const storage = running.storage = await startStorageServer(options);
    const demo = running.demo = startDemoUpstream();
    if (!environment.UPSTASH_REDIS_REST_URL) running.redis = await startCache(options);
    const functions = await startFunctions(options, { demo, redis: running.redis });
    running.functions = functions;
    gateway.open({
      "/rest/v1/": api.fetch,
      "/auth/v1/": api.fetch,
      "/functions/v1/": functions.fetch,
      "/realtime/v1/": realtime.fetch,
      "/storage/v1/": storage.fetch,
    });
    running.relay = await startRelay(options);
    running.scheduler = await startJobs(options);
    const result = this.#environmentOf(secrets);
    await writeEnvironment(settings.folder, result);
    return result;
  }

  async #lockFolder(): Promise<void> {
    const { folder, folderName } = this.#options.settings;
    await makeFolder(folder, folderName);
    this.#running.lock = await lockStack(folder) ?? undefined;
    if (this.#running.lock === undefined) {
      throw await alreadyRunning("start a stack in", folder, folderName);
    }
    await Deno.remove(environmentPath(folder)).catch(() => {});
  }

  /** What a program needs to use this stack. */
  #environmentOf(secrets: Secrets): StackEnvironment {
    const credentials = vendorCredentials(this.#options.environment);
    const { redis } = this.#running;
    return {
      API_URL: this.#addresses.apiUrl,
      DB_URL: this.#addresses.publicUrl,
      PUBLISHABLE_KEY: secrets.publishableKey,
      SECRET_KEY: secrets.secretKey,
      JWT_SECRET: secrets.jwtSecret,
      FUNCTIONS_URL: this.#addresses.functionsUrl,
      ...credentials.length > 0 && { VENDOR_CREDENTIALS: credentials.join(",") },
      ...redis && { REDIS_URL: redis.url, ...redis.environment },
    };
  }

  async stop(): Promise<void> {
    this.#interruption.abort();
    await this.#starting;
    const running = this.#running;
    if (running.lock === undefined) return;
    await Deno.remove(environmentPath(this.#options.settings.folder)).catch(() => {});
    await running.scheduler?.stop(jobPatience);
    await running.relay?.stop(jobPatience);
    // First the functions, while the APIs that they settle their turns through still answer.
    await running.functions?.drain(drainPatience);
    await settledWithin(running.realtime?.stop() ?? Promise.resolve(), 2000);
    await running.gateway?.close(1000);
    await Promise.all(
      [
        running.demo?.stop(),
        running.api?.close(),
        running.storage?.stop(),
        running.redis?.stop(),
      ].map((end) => settledWithin(Promise.resolve(end), 2000)),
    );
    await running.server?.stop("fast");
    await running.lock.release();
  }

  async kill(): Promise<void> {
    this.#interruption.abort();
    const { lock, server } = this.#running;
    if (lock === undefined) return;
    await Deno.remove(environmentPath(this.#options.settings.folder)).catch(() => {});
    await server?.stop("immediate");
    await lock.release();
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

function resetCommand(folderName: string): string {
  return folderName === ".stack" ? "npm run reset" : `STACK_DIR=${folderName} npm run reset`;
}
