import { startFaultyWay } from "../../../tests/functions/support/redis_faults.ts";
import { startTestRedis, type TestRedis } from "../../../tests/functions/support/redis.ts";
import type { Random } from "../../common/random.ts";

/** A Redis that fails at intervals. */
export interface TroubledRedis extends AsyncDisposable {
  /** What the stack finds in its environment. */
  environment: Record<string, string>;
  /** For a person. */
  line(): string;
}

/** How long each state lasts, in milliseconds. */
const SPELL = 1_500;

/** Starts a Redis that half of the time is killed, emptied, silent, slow, disconnected or wrong. */
export async function startTroubledRedis(random: Random): Promise<TroubledRedis> {
  let redis: TestRedis = await startTestRedis();
  const way = startFaultyWay(redis);
  const counts = new Map<string, number>();
  const stopped = Promise.withResolvers<void>();
  let isOver = false;

  const troubles: Record<string, () => unknown> = {
    "none": () => {},
    "silent": () => way.fault = "silence",
    "slow": () => way.fault = { delay: 400 },
    "cut off": () => way.fault = "drop",
    "lying": () => way.fault = "lie",
    "emptied": () => redis.flush(),
    "killed": async () => {
      await redis.stop("at once");
      redis = await startTestRedis(redis.restToken);
      way.leadTo(redis.restUrl);
    },
  };

  async function worry(): Promise<void> {
    while (!isOver) {
      const name = random.weighted([
        [6, "none"],
        ...Object.keys(troubles).slice(1).map((trouble) => [1, trouble] as const),
      ]);
      counts.set(name, (counts.get(name) ?? 0) + 1);
      way.fault = "none";
      await troubles[name]?.();
      await Promise.race([stopped.promise, new Promise((resolve) => setTimeout(resolve, SPELL))]);
    }
  }

  const worrying = worry();
  return {
    environment: Object.fromEntries(way.variables),
    line: () =>
      `redis         ${[...counts].map(([name, count]) => `${count} times ${name}`).join(", ")}`,
    async [Symbol.asyncDispose]() {
      isOver = true;
      stopped.resolve();
      await worrying;
      await way[Symbol.asyncDispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}
