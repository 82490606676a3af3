import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import fc from "fast-check";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import {
  createRateLimiter,
  type RateLimiter,
} from "../../../functions/_shared/rate_limit/limiter.ts";
import { createPlanMemory, type PlanLimits } from "../../../functions/_shared/rate_limit/plan.ts";
import { createRedis } from "../../../functions/_shared/redis/client.ts";
import { startTestRedis } from "../support/redis.ts";
import { takeClock } from "../support/redis_clock.ts";
import { until } from "../support/redis_faults.ts";

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 0, 1);

interface Isolate extends RateLimiter {
  warned: [string, number][];
  lines: LogFields[];
  /** Resolves when nothing is left to do in the background. */
  settled(): Promise<void>;
}

/** The rate limiter of one isolate, with long timeouts: these tests check counts, not speed. */
function isolate(variables: ReadonlyMap<string, string>): Isolate {
  const work: Promise<void>[] = [];
  const lines: LogFields[] = [];
  const warned: [string, number][] = [];
  const log = (_level: string, fields: LogFields) => void lines.push(fields);
  const limiter = createRateLimiter({
    redis: createRedis(variables, { log, patience: { attempt: 5_000 } }),
    log,
    now: () => Date.now(),
    background: (promise) => void work.push(promise),
    warn: (whose, perMinute) => {
      warned.push(["user_id" in whose ? whose.user_id : whose.organization_id, perMinute]);
      return Promise.resolve();
    },
  });
  return { ...limiter, warned, lines, settled: async () => void await Promise.all(work) };
}

function plan(organization: number, user: number): PlanLimits {
  return {
    organization_id: crypto.randomUUID(),
    organization_per_minute: organization,
    user_per_minute: user,
  };
}

/** The result of a call: how much is left, or how long to wait. */
async function call(limiter: RateLimiter, user: string) {
  try {
    const state = await limiter.count(user);
    if (state === null) throw new Error("Redis did not count a call");
    return { passed: true as const, ...state };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    equal(error.status, 429);
    return { passed: false as const, wait: Number(error.headers["retry-after-ms"]) };
  }
}

/** A reference model: the calls that passed, and the level of the two buckets. */
function createReference(limit: number) {
  const passed: number[] = [];
  const inBucket = (bucket: number) =>
    passed.filter((moment) => Math.floor(moment / MINUTE) === bucket).length;
  return {
    limit,
    passed,
    inBucket,
    left(now: number): number {
      const bucket = Math.floor(now / MINUTE);
      const before = Math.floor((1 - (now % MINUTE) / MINUTE) * inBucket(bucket - 1));
      return limit - before - inBucket(bucket);
    },
  };
}

/** The bound that the limiter promises, checked on an exact log. */
function checkBound({ limit, passed, inBucket }: ReturnType<typeof createReference>): void {
  for (const begin of passed) {
    const bucket = Math.floor(begin / MINUTE);
    const fraction = (begin % MINUTE) / MINUTE;
    const inMinute = passed.filter((moment) => moment >= begin && moment < begin + MINUTE).length;
    ok(inBucket(bucket) <= limit, `${inBucket(bucket)} in one bucket, limit ${limit}`);
    ok(
      inMinute <= limit + Math.ceil(fraction * inBucket(bucket)),
      `${inMinute} in the minute from ${begin}, limit ${limit}`,
    );
  }
}

Deno.test("two isolates count users and organizations like the model, within the bound", async () => {
  await using redis = await startTestRedis();
  using clock = takeClock(BEGIN);
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  const step = fc.record({
    gap: fc.oneof(
      fc.integer({ min: 0, max: 2_000 }),
      fc.integer({ min: 0, max: 45_000 }),
      fc.constantFrom(0, 1, MINUTE - 1, MINUTE, 2 * MINUTE),
    ),
    person: fc.integer({ min: 0, max: 2 }),
    isolate: fc.integer({ min: 0, max: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: MINUTE }),
      async (steps, perPerson, perOrganization, offset) => {
        clock.set(BEGIN + offset);
        const limits = plan(perOrganization, perPerson);
        const isolates = [isolate(redis.variables), isolate(redis.variables)];
        const people = [0, 1, 2].map(() => ({
          id: crypto.randomUUID(),
          model: createReference(perPerson),
        }));
        const organization = createReference(perOrganization);

        for (const { gap, person, isolate } of steps) {
          clock.advance(gap);
          const { id, model } = people[person]!;
          isolates[isolate]!.learn(id, limits);
          const now = clock.now();
          const expected = Math.min(model.left(now), organization.left(now));
          const result = await call(isolates[isolate]!, id);
          equal(result.passed, expected > 0, `at ${now}`);
          if (!result.passed) continue;
          model.passed.push(now);
          organization.passed.push(now);
          equal(result.remaining, expected - 1);
        }
        for (const model of [organization, ...people.map((one) => one.model)]) checkBound(model);
      },
    ),
    { numRuns: 30 },
  );

  const keys = await client.keys("*");
  ok(keys.length > 0);
  for (const key of keys) {
    ok(key.startsWith("agentbase:v1:"), key);
    const left = await client.pttl(key);
    ok(left > 0 && left <= 5 * MINUTE, `${key} lives for ${left} ms`);
  }
});

Deno.test("a caller who waits the stated time is admitted, and not a millisecond earlier", async () => {
  await using redis = await startTestRedis();
  using clock = takeClock(BEGIN);
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 15, maxLength: 30 }),
      fc.integer({ min: 0, max: MINUTE }),
      async (limit, gaps, offset) => {
        clock.set(BEGIN + offset);
        const limiter = isolate(redis.variables);
        const user = crypto.randomUUID();
        limiter.learn(user, plan(1_000_000, limit));
        for (const gap of gaps) {
          clock.advance(gap);
          const refused = await call(limiter, user);
          if (refused.passed) continue;
          ok(refused.wait > 0 && refused.wait <= 2 * MINUTE);
          clock.advance(refused.wait - 1);
          if (refused.wait > 1) equal((await call(limiter, user)).passed, false, "too early");
          clock.advance(1);
          equal((await call(limiter, user)).passed, true, "after the wait");
        }
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("of many calls at once exactly as many pass as the limit says", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const isolates = [isolate(redis.variables), isolate(redis.variables)];
  const limits = plan(25, 10);
  const people = [1, 2, 3, 4].map(() => crypto.randomUUID());
  const calls = people.flatMap((user) =>
    Array.from({ length: 40 }, (_, index) => {
      const limiter = isolates[index % 2]!;
      limiter.learn(user, limits);
      return call(limiter, user).then(({ passed }) => ({ user, passed }));
    })
  );
  const passed = (await Promise.all(calls)).filter((result) => result.passed);
  equal(passed.length, 25);

  // A call that the organization's limit refused does not count against the person's.
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  for (const user of people) {
    const mine = passed.filter((result) => result.user === user).length;
    const counted = await client.get(`agentbase:v1:rate:user:${user}:${BEGIN / MINUTE}`);
    equal(counted ?? 0, mine);
  }
});

Deno.test("a call refused for its user does not count against the organization", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const limiter = isolate(redis.variables);
  const limits = plan(6, 2);
  const [loud, quiet] = [crypto.randomUUID(), crypto.randomUUID()];
  limiter.learn(loud, limits);
  limiter.learn(quiet, { ...limits, user_per_minute: 100 });
  const results = await Promise.all(Array.from({ length: 50 }, () => call(limiter, loud)));
  equal(results.filter((result) => result.passed).length, 2);
  for (const left of [3, 2, 1, 0]) {
    const result = await call(limiter, quiet);
    deepEqual([result.passed, result.passed && result.remaining], [true, left]);
  }
  equal((await call(limiter, quiet)).passed, false);
});

Deno.test("a refusal states the limit and the time to wait", async () => {
  await using redis = await startTestRedis();
  using clock = takeClock(BEGIN + 15_500);
  const limiter = isolate(redis.variables);
  const user = crypto.randomUUID();
  const limits = plan(100, 2);
  limiter.learn(user, limits);
  const first = await limiter.count(user);
  deepEqual(first, { limit: 2, remaining: 1, reset_ms: 104_500, limits });
  await limiter.count(user);
  clock.advance(500);
  await rejects(limiter.count(user), (error) => {
    ok(error instanceof ApiError);
    equal(error.status, 429);
    equal(error.code, "rate_limit_exceeded");
    equal(
      error.message,
      "Cannot take another request: the limit of 2 a minute is reached. Try again in 45 s.",
    );
    deepEqual(error.headers, {
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1m44s",
      "retry-after": "45",
      "retry-after-ms": "44001",
    });
    return true;
  });
});

Deno.test("a count reports the limits that it used, not those learned while it ran", async () => {
  await using redis = await startTestRedis();
  const limiter = isolate(redis.variables);
  const user = crypto.randomUUID();
  const [before, after] = [plan(100, 2), plan(100, 3)];
  limiter.learn(user, before);
  const counting = limiter.count(user);
  limiter.learn(user, after);
  deepEqual((await counting)?.limits, before);
  deepEqual((await limiter.count(user))?.limits, after);
});

Deno.test("a user whose limits are unknown is counted by the database, which returns them", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const user = crypto.randomUUID();
  const [first, second] = [isolate(redis.variables), isolate(redis.variables)];
  equal(await first.count(user), null);
  first.learn(user, undefined);
  equal(await first.count(user), null);
  first.learn(user, plan(100, 10));
  await first.settled();
  equal((await first.count(user))?.remaining, 9);
  equal((await second.count(user))?.remaining, 8, "another isolate finds them in Redis");
  await new Redis({ url: redis.restUrl, token: redis.restToken }).del(
    `agentbase:v1:limits:${user}`,
  );
  equal((await second.count(user))?.remaining, 7, "and keeps what it found");
});

Deno.test("an isolate remembers the limits of the most recent users", async () => {
  await using redis = await startTestRedis();
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  const memory = createPlanMemory({
    redis: { attempt: () => Promise.resolve(null), later: () => Promise.resolve() },
    now: Date.now,
    background: () => {},
  });
  const people = Array.from({ length: 10_001 }, () => crypto.randomUUID());
  const limits = plan(2, 1);
  for (const person of people) memory.learn(person, limits);
  equal(await memory.recall(people[0]!, client), null);
  deepEqual(await memory.recall(people[1]!, client), limits);
  deepEqual(await memory.recall(people.at(-1)!, client), limits);
});

Deno.test("a changed plan applies at once in the isolate that learned it, and soon elsewhere", async () => {
  await using redis = await startTestRedis();
  using clock = takeClock(BEGIN);
  const user = crypto.randomUUID();
  const [here, there] = [isolate(redis.variables), isolate(redis.variables)];
  const limits = plan(100, 10);
  for (const one of [here, there]) one.learn(user, limits);
  here.learn(user, { ...limits, user_per_minute: 50 });
  equal((await here.count(user))?.limit, 50);
  equal((await there.count(user))?.limit, 10);
  await Promise.all([here.settled(), there.settled()]);
  clock.advance(5 * MINUTE);
  equal((await there.count(user))?.limit, 50);
});

Deno.test("limits that are damaged in Redis count as unknown", async () => {
  await using redis = await startTestRedis();
  const client = new Redis({
    url: redis.restUrl,
    token: redis.restToken,
    automaticDeserialization: false,
  });
  const right = plan(10, 10);
  for (
    const damaged of [
      "",
      "42",
      "null",
      "{",
      '"text"',
      JSON.stringify({ ...right, user_per_minute: 0 }),
      JSON.stringify({ ...right, user_per_minute: "10" }),
      JSON.stringify({ ...right, user_per_minute: 1e300 }),
      JSON.stringify({ ...right, organization_id: "x:y" }),
    ]
  ) {
    const user = crypto.randomUUID();
    await client.set(`agentbase:v1:limits:${user}`, damaged);
    const limiter = isolate(redis.variables);
    equal(await limiter.count(user), null, damaged);
    deepEqual(limiter.lines, [], damaged);
  }
  const user = crypto.randomUUID();
  await client.hset(`agentbase:v1:limits:${user}`, { a: 1 });
  const limiter = isolate(redis.variables);
  equal(await limiter.count(user), null);
  deepEqual(limiter.lines, [], "one damaged key is no reason to do without Redis");
});

Deno.test("damaged counters count and refuse no caller", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  for (const damaged of ["text", "1e3", "", "0x20", "12.5"]) {
    const limiter = isolate(redis.variables);
    const user = crypto.randomUUID();
    limiter.learn(user, plan(100, 10));
    await client.set(`agentbase:v1:rate:user:${user}:${BEGIN / MINUTE}`, damaged);
    equal(await limiter.count(user), null, damaged);
    deepEqual(limiter.lines, [], damaged);
  }
  const limiter = isolate(redis.variables);
  const user = crypto.randomUUID();
  limiter.learn(user, plan(100, 10));
  await client.lpush(`agentbase:v1:rate:user:${user}:${BEGIN / MINUTE}`, "list");
  equal(await limiter.count(user), null);
});

Deno.test("a user is warned once that four fifths are used, and again after it was less", async () => {
  await using redis = await startTestRedis();
  using clock = takeClock(BEGIN);
  const limiter = isolate(redis.variables);
  const user = crypto.randomUUID();
  limiter.learn(user, plan(100, 20));
  for (let used = 1; used <= 15; used++) await limiter.count(user);
  deepEqual([...limiter.warned], []);
  await limiter.count(user);
  deepEqual([...limiter.warned], [[user, 20]]);
  for (let used = 17; used <= 20; used++) await limiter.count(user);
  clock.advance(2 * MINUTE);
  for (let used = 1; used <= 15; used++) await limiter.count(user);
  equal(limiter.warned.length, 1);
  await limiter.count(user);
  equal(limiter.warned.length, 2);
});

Deno.test("an organization is warned once that four fifths are used, by any member", async () => {
  await using redis = await startTestRedis();
  using clock = takeClock(BEGIN);
  const limiter = isolate(redis.variables);
  const limits = plan(20, 100);
  const people = [crypto.randomUUID(), crypto.randomUUID()] as const;
  for (const person of people) limiter.learn(person, limits);
  for (let used = 1; used <= 15; used++) await limiter.count(people[used % 2 ? 0 : 1]);
  deepEqual([...limiter.warned], []);
  for (let used = 16; used <= 20; used++) await limiter.count(people[used % 2 ? 0 : 1]);
  deepEqual([...limiter.warned], [[limits.organization_id, 20]]);
  clock.advance(2 * MINUTE);
  for (let used = 1; used <= 16; used++) await limiter.count(people[0]);
  equal(limiter.warned.length, 2);
});

Deno.test("a warning that cannot be sent is logged, and refuses no call", async () => {
  await using redis = await startTestRedis();
  const lines: LogFields[] = [];
  const log = (_level: string, fields: LogFields) => void lines.push(fields);
  const limiter = createRateLimiter({
    redis: createRedis(redis.variables, { log, patience: { attempt: 5_000 } }),
    log,
    now: Date.now,
    background: () => {},
    warn: () => Promise.reject(new Error("no database")),
  });
  const user = crypto.randomUUID();
  limiter.learn(user, plan(100, 1));
  equal((await limiter.count(user))?.remaining, 0);
  await until(() => lines.length > 0);
  deepEqual(lines, [{ event: "rate_limit_warning_failed" }]);
});

Deno.test("without Redis the functions count no call", async () => {
  const limiter = isolate(new Map());
  limiter.learn(crypto.randomUUID(), plan(1, 1));
  equal(await limiter.count(crypto.randomUUID()), null);
});
