import { CommandError } from "../../common/command-error.ts";
import { freePort } from "../../common/free-port.ts";
import { guardProcess } from "../process/process-guard.ts";
import { connectRedis } from "./connection.ts";
import { settledWithin } from "../process/settled-within.ts";

/** A running redis-server. */
export interface RedisServer {
  /** TCP port on 127.0.0.1. */
  port: number;
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
 * Starts the machine's redis-server on 127.0.0.1, in memory only.
 *
 * The server never outlives this process.
 *
 * @param port TCP port. @default a free one
 * @returns null when the machine has no redis-server.
 * @throws {CommandError} when it ends at once or does not answer.
 */
export async function startRedisServer(port: number = freePort()): Promise<RedisServer | null> {
  const child = spawnServer(port);
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
  while (!await answers(port)) {
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
  return { port, ended, stop };
}

function spawnServer(port: number): Deno.ChildProcess | null {
  const settings = {
    bind: "127.0.0.1",
    port: String(port),
    save: "",
    appendonly: "no",
    // A cache: what was not used for long makes room.
    maxmemory: "64mb",
    "maxmemory-policy": "allkeys-lru",
    loglevel: "warning",
  };
  // Anybody on this machine may give it orders, so that it should have nobody's rights.
  const account = Deno.uid() === 0 ? { uid: nobody, gid: nobody } : {};
  try {
    return new Deno.Command("redis-server", {
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      cwd: "/",
      // A session of its own: Ctrl-C in the terminal must reach the stack first.
      detached: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      ...account,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function answers(port: number): Promise<boolean> {
  const connection = connectRedis(port);
  try {
    const [reply] = await connection.send([["PING"]]);
    return reply?.type === "status" && reply.text === "PONG";
  } catch {
    return false;
  } finally {
    connection.close();
  }
}
