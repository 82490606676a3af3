import { connectRedis } from "./connection.ts";
import { startRedisRest } from "./rest.ts";
import { startRedisServer } from "./server.ts";

/** A Redis and its REST form, both on 127.0.0.1. */
export interface StackRedis {
  /** `redis://:password@…`: for programs that speak Redis' own protocol. */
  url: string;
  /** What functions, and other programs that speak REST, find in their environment. */
  environment: { UPSTASH_REDIS_REST_URL: string; UPSTASH_REDIS_REST_TOKEN: string };
  /** Ends both; Redis in order, or at once, as a crash does. */
  stop(how?: "in order" | "at once"): Promise<void>;
}

/**
 * Starts the machine's redis-server and, before it, a server for Upstash's REST form, which is how
 * functions reach Redis on the hosted platform.
 *
 * @param token What callers must send. @default a new one
 * @returns null when the machine has no redis-server.
 * @throws {CommandError} when there is one and it does not start.
 */
export async function startRedis(
  token: string = crypto.getRandomValues(new Uint8Array(32)).toHex(),
): Promise<StackRedis | null> {
  const server = await startRedisServer();
  if (server === null) return null;
  const connection = connectRedis(server.url);
  const rest = startRedisRest({ connection, token });
  return {
    url: server.url,
    environment: { UPSTASH_REDIS_REST_URL: rest.url, UPSTASH_REDIS_REST_TOKEN: token },
    async stop(how) {
      if (how === "at once") await server.stop(how);
      await rest.stop();
      connection.close();
      await server.stop();
    },
  };
}
