import { join } from "node:path";
import { CommandError } from "../../common/command-error.ts";
import { ensureCluster } from "./cluster.ts";
import { embeddedPostgresFolder } from "./binaries.ts";
import { stopOrphan } from "./orphan.ts";
import { guardProcess } from "../process/process-guard.ts";
import { settledWithin } from "../process/settled-within.ts";
import { type Account, assertReachable, unprivilegedAccount } from "./unprivileged.ts";

/** Which Postgres to run, and where. */
export interface PostgresOptions {
  /** Absolute path of the data folder; made when it does not exist. */
  dataFolder: string;
  /** TCP port on 127.0.0.1. There is no Unix socket. */
  port: number;
  /** Password of the superuser `supabase_admin`, set when the data folder is made. */
  adminPassword: string;
  /** Folder with `initdb` and `postgres`. @default the embedded Postgres 17 */
  binaryFolder?: string;
  /** Server settings beyond those every stack has, for instance `shared_preload_libraries`. */
  settings?: Record<string, string>;
  /** What the person is told to run when the data cannot be used. @default "" */
  resetHint?: string;
  /** Gives up making the data folder. */
  signal?: AbortSignal;
}

/** A running Postgres server. */
export interface Postgres {
  /** TCP port on 127.0.0.1. */
  port: number;
  /** Whether this start made the data folder. */
  isNew: boolean;
  /** Process id of a server left over from an earlier run that was stopped first, or null. */
  replaced: number | null;
  /** Resolves when the server has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends the server: `fast` rolls open transactions back, `immediate` does not even checkpoint. */
  stop(mode?: "fast" | "immediate"): Promise<void>;
}

/** Time within which a server must recover and accept connections, in milliseconds. */
const startPatience = 60_000;

/** Time within which a server must end by itself, in milliseconds. */
const stopPatience = 20_000;

/**
 * Starts Postgres on a data folder and waits until it accepts connections.
 *
 * The server never outlives this process: a guard stops it even when this process is killed.
 *
 * @throws {CommandError} when the programs are missing, the port is taken, the data are of another
 * version, or the server ends at once.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataFolder, port } = options;
  const binaryFolder = options.binaryFolder ?? embeddedPostgresFolder();
  const program = join(binaryFolder, "postgres");
  const account = unprivilegedAccount(dataFolder);
  await Deno.mkdir(join(dataFolder, ".."), { recursive: true });
  await assertReachable(account, program, join(dataFolder, ".."));
  const isNew = await ensureCluster({
    binaryFolder,
    dataFolder,
    account,
    adminPassword: options.adminPassword,
    resetHint: options.resetHint ?? "",
    signal: options.signal,
  });
  const replaced = isNew ? null : await stopOrphan(dataFolder);
  assertFree(port);
  const server = launch(account, program, options);
  await untilReady(server, options);
  return { port, isNew, replaced, ended: server.ended, stop: (mode) => stop(server, mode) };
}

/** A server process. */
interface Server {
  child: Deno.ChildProcess;
  startedAt: number;
  /** Its last lines on standard error. */
  lastWords: Promise<string>;
  ended: Promise<void>;
  hasEnded: boolean;
}

function launch(account: Account, program: string, options: PostgresOptions): Server {
  const { dataFolder, port } = options;
  const settings = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    timezone: "UTC",
    wal_level: "logical",
    // Files inside the data folder, one a weekday, so that they never need cleaning up.
    logging_collector: "on",
    log_filename: "postgres-%a.log",
    log_rotation_age: "1d",
    log_truncate_on_rotation: "on",
    ...options.settings,
  };
  const child = account.command(program, [
    "-D",
    dataFolder,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ], {
    cwd: "/",
    // A session of its own: Ctrl-C in the terminal must reach the stack first, which still has
    // turns to settle.
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const releaseGuard = guardProcess(child.pid);
  const server: Server = {
    child,
    startedAt: Date.now(),
    lastWords: keepLastWords(child.stderr),
    ended: child.status.then(async () => {
      server.hasEnded = true;
      await releaseGuard();
    }),
    hasEnded: false,
  };
  return server;
}

/** @throws {CommandError} when the server ends, or takes too long to accept connections. */
async function untilReady(server: Server, options: PostgresOptions): Promise<void> {
  const { dataFolder, port } = options;
  const deadline = Date.now() + startPatience;
  while (!await isReady(dataFolder, server.child.pid)) {
    if (server.hasEnded) {
      throw await startFailure(options, server.startedAt, await server.lastWords);
    }
    if (Date.now() > deadline) {
      server.child.kill("SIGQUIT");
      throw new CommandError(
        `Cannot start Postgres on port "${port}": not ready after ${startPatience / 1000} s. ` +
          `Its log is in "${join(dataFolder, "log")}".`,
      );
    }
    await pause(20);
  }
}

/** Stops the server: in the given mode, then at once, then by SIGKILL. */
async function stop(server: Server, mode: "fast" | "immediate" = "fast"): Promise<void> {
  const signals = ["SIGINT", "SIGQUIT", "SIGKILL"] as const;
  for (const signal of mode === "fast" ? signals : signals.slice(1)) {
    if (server.hasEnded) return;
    server.child.kill(signal);
    await settledWithin(server.ended, stopPatience);
  }
}

/** Whether the server says in its lock file that it accepts connections. */
async function isReady(dataFolder: string, processId: number): Promise<boolean> {
  const text = await Deno.readTextFile(join(dataFolder, "postmaster.pid")).catch(() => "");
  const lines = text.split("\n");
  return Number.parseInt(lines[0] ?? "", 10) === processId && lines[7]?.trim() === "ready";
}

function assertFree(port: number): void {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? "it is in use. Stop what uses it"
      : "this user may not listen there. Choose one above 1023";
    throw new CommandError(
      `Cannot start Postgres on port "${port}": ${reason}, or choose another with DB_PORT.`,
    );
  }
}

/** Why the server ended at once, in its own words: on stderr, or in the log file once it has one. */
async function startFailure(
  options: PostgresOptions,
  startedAt: number,
  lastWords: string,
): Promise<CommandError> {
  const folder = join(options.dataFolder, "log");
  let said = lastWords;
  for (const entry of await Array.fromAsync(Deno.readDir(folder)).catch(() => [])) {
    const path = join(folder, entry.name);
    const { mtime } = await Deno.stat(path);
    if (mtime !== null && mtime.getTime() >= startedAt) said += await Deno.readTextFile(path);
  }
  const reason = [...said.matchAll(/(?:FATAL|PANIC|error):\s+(.*)/g)].at(-1)?.[1];
  return new CommandError(
    `Cannot start Postgres on "${options.dataFolder}": ${reason ?? "it exited at once"}. ` +
      `Its log is in "${folder}". ${options.resetHint ?? ""}`,
  );
}

async function keepLastWords(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let kept = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    kept = (kept + text).slice(-4000);
  }
  return kept;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
