import { connectRedis } from "../../../scripts/stack/redis/connection.ts";
import { type StackRedis, startRedis } from "../../../scripts/stack/redis/redis.ts";

/** A real Redis behind the REST form, for one test. */
export interface TestRedis extends StackRedis, AsyncDisposable {
  restUrl: string;
  restToken: string;
  /** The environment variables of the functions. */
  variables: ReadonlyMap<string, string>;
  /** Removes every key. */
  flush(): Promise<void>;
}

/** Starts a separate Redis, optionally with the token of an earlier one. */
export async function startTestRedis(token?: string): Promise<TestRedis> {
  const redis = await startRedis(token);
  if (redis === null) {
    throw new Error(
      'Cannot run "redis-server": it is not installed. As root: apt-get install redis-server',
    );
  }
  return {
    ...redis,
    restUrl: redis.environment.UPSTASH_REDIS_REST_URL,
    restToken: redis.environment.UPSTASH_REDIS_REST_TOKEN,
    variables: new Map(Object.entries(redis.environment)),
    async flush() {
      const connection = connectRedis(redis.url);
      await connection.send([["FLUSHALL"]]);
      connection.close();
    },
    [Symbol.asyncDispose]: () => redis.stop(),
  };
}
