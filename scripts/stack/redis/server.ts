import { CommandError } from "../../common/command-error.ts";
import { freePort } from "../../common/free-port.ts";
import { guardProcess } from "../process/process-guard.ts";
import { connectRedis } from "./connection.ts";
import { settledWithin } from "../process/settled-within.ts";

/** A running redis-server. */
export interface RedisServer {
  /** Its address, with the password: `redis://:password@127.0.0.1:port`. */
  url: string;
  /** Resolves when the server has ended, for whatever reason. */
  ended: Promise<void>;
  /** Ends it in order, or at once, as a crash does. */
  stop(how?: "in order" | "at once"): Promise<void>;
}

/** The user "nobody" on Linux. */
const nobody = 65534;

/** Time the server gets to answer, and to end, in milliseconds. */
const patience = 10_000;

/**
 * Starts the machine's redis-server on 127.0.0.1, in memory only, with a password: other users of the
 * machine reach the port as well.
 *
 * The server never outlives this process.
 *
 * @param port TCP port. @default a free one
 * @returns null when the machine has no redis-server.
 * @throws {CommandError} when it ends at once or does not answer.
 */
export async function startRedisServer(port: number = freePort()): Promise<RedisServer | null> {
  const password = crypto.getRandomValues(new Uint8Array(32)).toHex();
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const child = await spawnServer(port, password);
  if (child === null) return null;
  const lastWords = new Response(child.stdout).text();
  const releaseGuard = guardProcess(child.pid);
  let hasEnded = false;
  const ended = child.status.then(async () => {
    hasEnded = true;
    await releaseGuard();
  });

  async function stop(how: "in order" | "at once" = "in order"): Promise<void> {
    const signals = ["SIGTERM", "SIGKILL"] as const;
    for (const signal of how === "in order" ? signals : signals.slice(1)) {
      if (hasEnded) return;
      child?.kill(signal);
      await settledWithin(ended, patience);
    }
  }

  const deadline = Date.now() + patience;
  while (!await answers(url)) {
    if (hasEnded) {
      const reason = (await lastWords).match(/# (.*(?:Could not|Failed|FATAL|rror).*)/)?.[1];
      throw new CommandError(
        `Cannot start redis-server on port "${port}": ${reason ?? "it ended"}.`,
      );
    }
    if (Date.now() > deadline) {
      await stop();
      throw new CommandError(
        `Cannot start redis-server on port "${port}": no answer within ${patience / 1000} s.`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { url, ended, stop };
}

async function spawnServer(port: number, password: string): Promise<Deno.ChildProcess | null> {
  const settings = {
    bind: "127.0.0.1",
    port: String(port),
    requirepass: password,
    save: '""',
    appendonly: "no",
    // A cache: least recently used keys are evicted.
    maxmemory: "64mb",
    "maxmemory-policy": "allkeys-lru",
    loglevel: "warning",
  };
  const account = Deno.uid() === 0 ? { uid: nobody, gid: nobody } : {};
  try {
    const child = new Deno.Command("redis-server", {
      // From standard input: every user of the machine can read arguments.
      args: ["-"],
      cwd: "/",
      // A session of its own: Ctrl-C in the terminal must reach the stack first.
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      ...account,
    }).spawn();
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    const writer = child.stdin.getWriter();
    // If it has ended already, its exit is reported below.
    await writer.write(new TextEncoder().encode(lines.join(""))).catch(() => {});
    await writer.close().catch(() => {});
    return child;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  const connection = connectRedis(url);
  try {
    const [reply] = await connection.send([["PING"]]);
    return reply === "PONG";
  } catch {
    return false;
  } finally {
    connection.close();
  }
}
