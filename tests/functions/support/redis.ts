import { type StackRedis, startRedis } from "../../../scripts/stack/redis.ts";

/** A real Redis behind the REST form, for one test. */
export interface TestRedis extends StackRedis, AsyncDisposable {
  restUrl: string;
  restToken: string;
  /** What functions find in their environment. */
  variables: ReadonlyMap<string, string>;
}

/** Starts a Redis of its own. */
export async function startTestRedis(): Promise<TestRedis> {
  const redis = await startRedis();
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
    [Symbol.asyncDispose]: () => redis.stop(),
  };
}
