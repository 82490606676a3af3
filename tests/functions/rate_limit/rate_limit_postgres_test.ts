import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import postgres from "postgres";
import { z } from "zod";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { databaseError } from "../../../functions/_shared/database/database_error.ts";
import { rateLimitStateSchema } from "../../../functions/_shared/http/rate_limit_headers.ts";
import { applyMigrations } from "../../../scripts/stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../../scripts/stack/postgres/temporary-database.ts";

/** The counter that stands in where there is no Redis, on a real Postgres. */

const MINUTE = 60_000;

/** The most milliseconds by which the clocks of a statement and of this test may differ. */
const SLACK = 50;

/** How early a call is made that must be refused, in milliseconds: longer than a call takes. */
const EARLY = 1_000;

interface Counter extends AsyncDisposable {
  sql: postgres.Sql;
  /** Counts a call. Returns how much is left, or the refusal. */
  take(key: string, perMinute: number): Promise<Outcome>;
  takeBoth(user: string, limits: object): Promise<Outcome>;
  /** The database's clock in milliseconds, plus what {@linkcode Counter.advance} added. */
  now(): Promise<number>;
  /** Simulates the passing of time by moving all buckets into the past. */
  advance(milliseconds: number): Promise<void>;
}

type Outcome =
  | { passed: true; limit: number; remaining: number; reset_ms: number }
  | { passed: false; wait: number };

async function startCounter(): Promise<Counter> {
  const database = await startTemporaryDatabase();
  await applyMigrations({ url: database.url });
  const sql = postgres(database.url, { max: 8, onnotice: () => {} });
  let advanced = 0;

  async function outcomeOf(query: PromiseLike<postgres.Row[]>): Promise<Outcome> {
    try {
      const [row] = await query;
      return { passed: true, ...rateLimitStateSchema.parse(row?.state) };
    } catch (error) {
      const { code, hint } = z.object({ code: z.string(), hint: z.string() }).parse(error);
      equal(code, "PT429");
      const refusal = databaseError({ code, details: "rate_limit_exceeded", hint }, 429);
      ok(refusal instanceof ApiError);
      return { passed: false, wait: Number(refusal.headers["retry-after-ms"]) };
    }
  }

  return {
    sql,
    take: (key, perMinute) =>
      outcomeOf(sql`select private.take_rate_limit(${key}, ${perMinute}) as state`),
    takeBoth: (user, limits) =>
      outcomeOf(
        sql`select private.take_rate_limits(${user}, ${sql.json({ ...limits })}) as state`,
      ),
    async now() {
      const [row] = await sql<{ now: number }[]>`
        select (extract(epoch from clock_timestamp()) * 1000)::float8 as now`;
      return (row?.now ?? NaN) + advanced;
    },
    async advance(milliseconds) {
      advanced += milliseconds;
      await sql`
        update private.rate_limits
        set empty_at = empty_at - make_interval(secs => ${milliseconds / 1000})`;
    },
    async [Symbol.asyncDispose]() {
      await sql.end();
      await database.stop();
    },
  };
}

/**
 * A reference model: a bucket that empties at an even rate within a minute and refuses calls when
 * it is full. Values that are not known to the millisecond are tracked as a range.
 */
function createReference(limit: number) {
  const share = MINUTE / limit;
  let emptyFrom = -Infinity;
  let emptyTo = -Infinity;
  return {
    /** True or false if the result is certain, else null. */
    expected(before: number, after: number): boolean | null {
      if (Math.max(emptyTo, before) + share <= before + MINUTE) return true;
      return emptyFrom + share > after + MINUTE ? false : null;
    },
    pass(before: number, after: number): void {
      emptyFrom = Math.max(emptyFrom, before) + share;
      emptyTo = Math.max(emptyTo, after) + share;
    },
  };
}

/**
 * Checks the bound on an exact log: at most the limit at once, plus what has drained since.
 *
 * @param passed The earliest and latest time at which each call passed.
 */
function checkBound(limit: number, passed: readonly (readonly [number, number])[]): void {
  passed.forEach(([begin], first) => {
    passed.slice(first).forEach(([, end], index) => {
      const most = limit + (end - begin + SLACK) / (MINUTE / limit);
      ok(index + 1 <= most, `${index + 1} within ${end - begin} ms, limit ${limit}`);
    });
  });
}

Deno.test("the database counts calls", async (test) => {
  await using counter = await startCounter();

  await test.step("like the model, within the bound of an exact log", async () => {
    const gap = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      fc.integer({ min: 100, max: 9_000 }),
      fc.constantFrom(MINUTE, 2 * MINUTE),
    );
    let certain = 0;
    let uncertain = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(gap, { minLength: 20, maxLength: 60 }),
        fc.integer({ min: 1, max: 20 }),
        async (gaps, limit) => {
          const key = `user:${crypto.randomUUID()}`;
          const reference = createReference(limit);
          const passed: [number, number][] = [];
          for (const gap of gaps) {
            if (gap > 0) await counter.advance(gap);
            const before = await counter.now();
            const result = await counter.take(key, limit);
            const after = await counter.now();
            const expected = reference.expected(before, after);
            if (expected === null) uncertain++;
            else {
              certain++;
              equal(result.passed, expected);
            }
            if (!result.passed) continue;
            reference.pass(before, after);
            passed.push([before, after]);
            equal(result.limit, limit);
            ok(result.remaining >= 0 && result.remaining < limit);
            ok(result.reset_ms > 0 && result.reset_ms <= MINUTE + SLACK);
          }
          checkBound(limit, passed);
        },
      ),
      { numRuns: 30 },
    );
    // The slower the machine, the more results are uncertain; most must be certain for the test to
    // mean anything.
    ok(uncertain * 2 < certain, `${uncertain} of ${certain + uncertain} are uncertain`);
  });

  await test.step("and refused callers get the time to wait", async () => {
    for (const limit of [1, 3, 7, 20]) {
      const key = `user:${crypto.randomUUID()}`;
      for (let count = 0; count < limit; count++) ok((await counter.take(key, limit)).passed);
      for (let round = 0; round < 3; round++) {
        const refused = await counter.take(key, limit);
        ok(!refused.passed && refused.wait <= MINUTE / limit);
        await counter.advance(refused.wait - EARLY);
        equal((await counter.take(key, limit)).passed, false, `${limit}: too early`);
        await counter.advance(EARLY);
        equal((await counter.take(key, limit)).passed, true, `${limit}: after the wait`);
      }
    }
  });

  await test.step("and reports how many are left", async () => {
    for (const limit of [1, 3, 7, 60, 120, 6000]) {
      const key = `user:${crypto.randomUUID()}`;
      const first = await counter.take(key, limit);
      deepEqual([first.passed, first.passed && first.remaining], [true, limit - 1], `of ${limit}`);
    }
  });

  await test.step("each once, however many come at once", async () => {
    const key = `user:${crypto.randomUUID()}`;
    const results = await Promise.all(Array.from({ length: 60 }, () => counter.take(key, 10)));
    equal(results.filter((result) => result.passed).length, 10);
  });

  await test.step("of a person without charging the organization for what it refuses", async () => {
    const organization_id = crypto.randomUUID();
    const [loud, quiet] = [crypto.randomUUID(), crypto.randomUUID()];
    const limits = (user_per_minute: number) => ({
      organization_id,
      organization_per_minute: 6,
      user_per_minute,
    });
    const calls = Array.from({ length: 40 }, () => counter.takeBoth(loud, limits(2)));
    equal((await Promise.all(calls)).filter((result) => result.passed).length, 2);
    for (const left of [3, 2, 1, 0]) {
      const result = await counter.takeBoth(quiet, limits(10));
      deepEqual([result.passed, result.passed && result.remaining], [true, left]);
    }
    equal((await counter.takeBoth(quiet, limits(10))).passed, false);
    const [charged] = await counter.sql`
      select ceil(extract(epoch from empty_at - clock_timestamp()) / 6)::integer as calls
      from private.rate_limits where key = ${`user:${quiet}`}`;
    equal(charged?.calls, 4, "what the organization refuses does not count against the person");
  });
});
