import type postgres from "postgres";
import { accessToken } from "../../test/support/access-token.ts";
import { createRandom } from "../../common/random.ts";
import type { RestartingStack } from "../../test/support/restarting-stack.ts";
import { runClient } from "./client.ts";
import type { Expectations } from "./expectations.ts";
import type { RotationOptions } from "./options.ts";

/** Clients that use their keys concurrently. */
export interface People {
  /** How often each action was done. */
  deeds: ReadonlyMap<string, number>;
  /** Waits until they have finished their current actions. */
  end(): Promise<void>;
}

/** What they work with. */
export interface PeopleOptions {
  stack: RestartingStack;
  sql: postgres.Sql;
  expectations: Expectations;
  /** Records a violation. */
  complain: (what: string) => void;
}

/**
 * Starts clients that work on keys which the rotation is about to reach; the seed determines what
 * each does.
 */
export function startPeople(
  { clients, seed }: Pick<RotationOptions, "clients" | "seed">,
  { stack, sql, expectations, complain }: PeopleOptions,
): People {
  const { FUNCTIONS_URL: functionsUrl, API_URL: apiUrl, JWT_SECRET: jwtSecret } = stack.environment;
  const deeds = new Map<string, number>();
  let isDone = false;
  const front = followFront(sql, () => isDone, stack.isDown);
  const all = Array.from({ length: clients }, (_, client) => {
    const random = createRandom(seed + client * 7919);
    return runClient({
      functionsUrl,
      expectations,
      random,
      tokenOf: (userId) => accessToken({ apiUrl, jwtSecret, userId }),
      pick: () => front.pick(random.below(1_000_000)),
      isDone: () => isDone,
      isDown: stack.isDown,
      did: (what) => void deeds.set(what, (deeds.get(what) ?? 0) + 1),
      complain,
    });
  });
  return {
    deeds,
    async end() {
      isDone = true;
      await Promise.all([...all, front.ended]);
    },
  };
}

/** Keys that the rotation reaches next, and some others, so that clients and rotation collide. */
function followFront(sql: postgres.Sql, isDone: () => boolean, isDown: () => boolean) {
  let ids: string[] = [];
  const ended = (async () => {
    while (!isDone()) {
      if (!isDown()) {
        const rows = await sql<{ id: string }[]>`
          (select id from public.user_api_keys where split_part(encrypted_key, ':', 2) = 'old' order by id limit 300)
          union all
          (select id from public.user_api_keys where id > gen_random_uuid() order by id limit 100)`
          .catch(() => []);
        if (rows.length > 0) ids = rows.map(({ id }) => id);
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return { ended, pick: (number: number): string | undefined => ids[number % ids.length] };
}
