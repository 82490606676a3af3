import { deepEqual, equal, ok } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import { createRateLimiter } from "../../../functions/_shared/rate_limit/limiter.ts";
import { createRedis, REDIS_PATIENCE } from "../../../functions/_shared/redis/client.ts";
import { inTime } from "../support/in_time.ts";
import { startTestRedis } from "../support/redis.ts";
import { startFaultyWay, startLiar, until } from "../support/redis_faults.ts";

const LIMITS = {
  organization_id: "00000000-0000-4000-8000-0000000000ac",
  organization_per_minute: 10,
  user_per_minute: 10,
};

/** For tests in which time does not matter. */
const PATIENT = { attempt: 5_000 };

/** A limiter, by default with production's timeouts, and a person. */
function start(
  variables: ReadonlyMap<string, string>,
  patience: Partial<typeof REDIS_PATIENCE> = {},
  now = Date.now,
) {
  const lines: LogFields[] = [];
  const log = (_level: string, fields: LogFields) => void lines.push(fields);
  const limiter = createRateLimiter({
    redis: createRedis(variables, { log, patience }),
    log,
    now,
    background: () => {},
    warn: () => Promise.resolve(),
  });
  return { limiter, lines, user: crypto.randomUUID() };
}

/** No call is counted or refused; thirty concurrent callers together wait only once. */
async function countsNobody(variables: ReadonlyMap<string, string>, name: string): Promise<void> {
  await inTime(async () => {
    const { limiter, user } = start(variables);
    const startedAt = performance.now();
    for (let count = 0; count < 30; count++) {
      limiter.learn(user, LIMITS);
      equal(await limiter.count(user), null, name);
    }
    return { [name]: [performance.now() - startedAt, REDIS_PATIENCE.attempt + 350] };
  });
}

Deno.test("the database counts while Redis is unreachable, after one wait for it", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  const variables = new Map([
    ["UPSTASH_REDIS_REST_URL", url],
    ["UPSTASH_REDIS_REST_TOKEN", "token"],
  ]);
  await countsNobody(variables, "gone");
});

Deno.test("a Redis that is slow, silent or cut off leaves the counting to the database", async () => {
  await using redis = await startTestRedis();
  for (const fault of ["silence", "drop", { delay: 250 }] as const) {
    await using way = startFaultyWay(redis);
    way.fault = fault;
    await countsNobody(way.variables, JSON.stringify(fault));
  }
});

Deno.test("a Redis with wrong answers refuses no one", async () => {
  const base64 = (text: string) => btoa(text);
  const answers = [
    "",
    "{}",
    '{"result":null}',
    '{"result":0}',
    '{"result":[]}',
    '{"result":[-1]}',
    '{"result":[-1,10]}',
    '{"result":[null,null]}',
    '{"result":[-1,"MTA="]}',
    '{"result":[11,10]}',
    '{"result":[1.5,10]}',
    `{"result":"${base64("OK")}"}`,
    `{"result":["${base64("text")}",10]}`,
    `{"result":["${base64("-1")}","${base64("10")}"]}`,
    '{"result":{"a":1}}',
    '{"result":[[1],[10]]}',
    '{"error":"NOSCRIPT No matching script. Please use EVAL."}',
    '{"result":[1e400,10]}',
  ];
  for (const answer of answers) {
    await using liar = startLiar(answer);
    await countsNobody(liar.variables, answer);
  }
});

Deno.test("a refusal that contradicts the counters refuses no one", async () => {
  for (const counters of ["[1,1,8,0,0]", "[1,0,0,0,0]", "[2,10,10,0,9]", "[3,10,10,10,10]"]) {
    await using liar = startLiar(`{"result":${counters}}`);
    await countsNobody(liar.variables, counters);
  }
});

Deno.test("a refusal by a counter that does not exist refuses no one, at any moment of a minute", async () => {
  await using liar = startLiar('{"result":[3,10,10,10,10]}');
  for (const elapsed of [0, 30_000, 54_001, 59_999]) {
    const { limiter, user } = start(liar.variables, PATIENT, () => 60_000 * 1_000 + elapsed);
    limiter.learn(user, LIMITS);
    equal(await limiter.count(user), null, `${elapsed} ms`);
  }
});

Deno.test("a count above the limit, or below one, counts no one", async () => {
  for (const counters of ["[0,0,11,0,1]", "[0,0,1,0,0]", "[0,0,1,0,11]", "[0,0,1]", "[0]"]) {
    await using liar = startLiar(`{"result":${counters}}`);
    await countsNobody(liar.variables, counters);
  }
});

Deno.test("a call whose answer was lost on the way is counted once in Redis, not twice", async () => {
  await using redis = await startTestRedis();
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  const known = start(redis.variables, PATIENT);
  known.limiter.learn(known.user, LIMITS);
  ok(await known.limiter.count(known.user));

  await using way = startFaultyWay(redis);
  way.fault = "drop";
  const { limiter } = start(way.variables, PATIENT);
  limiter.learn(known.user, LIMITS);
  equal(await limiter.count(known.user), null);
  const counted = async () => {
    const keys = await client.keys(`agentbase:v1:rate:user:${known.user}:*`);
    const values = await Promise.all(keys.map((key) => client.get<number>(key)));
    return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };
  await until(async () => await counted() === 2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  equal(await counted(), 2);
});

Deno.test("Redis counts again once it answers, and no caller waits for that", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  const { limiter, lines, user } = start(way.variables, { attempt: 1_000, rest: 30 });
  limiter.learn(user, LIMITS);
  equal((await limiter.count(user))?.remaining, 9);
  way.fault = "silence";
  equal(await limiter.count(user), null);
  await new Promise((resolve) => setTimeout(resolve, 40));
  way.fault = "none";
  await until(async () => await limiter.count(user) !== null);
  deepEqual(lines.map((line) => line.event), ["redis_skipped", "redis_used_again"]);
});

Deno.test("a Redis that lost everything counts from the start", async () => {
  await using redis = await startTestRedis();
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  const { limiter, lines, user } = start(redis.variables, PATIENT);
  limiter.learn(user, LIMITS);
  equal((await limiter.count(user))?.remaining, 9);
  await client.flushall();
  await client.scriptFlush();
  equal((await limiter.count(user))?.remaining, 9);
  deepEqual(lines, []);
});
