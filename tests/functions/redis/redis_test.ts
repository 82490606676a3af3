import { deepEqual, equal, ok } from "node:assert/strict";
import type { Redis } from "@upstash/redis";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import {
  createRedis,
  REDIS_PATIENCE,
  type SharedRedis,
} from "../../../functions/_shared/redis/client.ts";
import { redisKey } from "../../../functions/_shared/redis/key.ts";
import { inTime } from "../support/in_time.ts";
import { startTestRedis } from "../support/redis.ts";
import { startFaultyWay, startLiar, until } from "../support/redis_faults.ts";

/** Milliseconds that a busy machine may add to a timeout. */
const SLACK = 350;

/** The longest time that an answer may wait for Redis in all, in milliseconds. */
const MOST = REDIS_PATIENCE.attempt + SLACK;

Deno.test("the time that an answer waits for Redis stays below 200 ms", () => {
  ok(REDIS_PATIENCE.attempt <= 150);
});

interface Subject {
  redis: SharedRedis;
  lines: LogFields[];
}

function subject(
  variables: ReadonlyMap<string, string>,
  patience: Partial<typeof REDIS_PATIENCE> = {},
): Subject {
  const lines: LogFields[] = [];
  const redis = createRedis(variables, {
    log: (level, fields) => void lines.push({ level, ...fields }),
    patience,
  });
  if (redis === null) throw new Error("A Redis is configured, and there is none");
  return { redis, lines };
}

async function timed<Value>(work: () => Promise<Value>): Promise<[Value, number]> {
  const startedAt = performance.now();
  return [await work(), performance.now() - startedAt];
}

/** For tests in which time does not matter. */
const PATIENT = { attempt: 5_000 };

const read = (client: Redis) => client.get("key");

/**
 * When Redis fails, one caller waits up to its timeout; later callers do not wait at all.
 *
 * @param examine Checks the log afterwards.
 */
async function waitsOnce(
  variables: ReadonlyMap<string, string>,
  examine: (lines: LogFields[]) => void,
  patience?: Partial<typeof REDIS_PATIENCE>,
): Promise<void> {
  await inTime(async () => {
    const { redis, lines } = subject(variables, patience);
    const [first, took] = await timed(() => redis.attempt(read));
    equal(first, null);
    const [later, tookLater] = await timed(() =>
      Promise.all(Array.from({ length: 50 }, () => redis.attempt(read)))
    );
    deepEqual(later, Array(50).fill(null));
    examine(lines);
    return { "the first": [took, MOST], "fifty more": [tookLater, REDIS_PATIENCE.attempt] };
  });
}

Deno.test("without configuration, or with an invalid one, there is no Redis", () => {
  const lines: LogFields[] = [];
  const log = (level: string, fields: LogFields) => {
    ok(!JSON.stringify(fields).includes("secret"), JSON.stringify(fields));
    lines.push({ level, ...fields });
  };
  equal(createRedis(new Map([["REDIS_URL", "redis://127.0.0.1"]]), { log }), null);
  deepEqual([...lines], []);
  const url = "http://127.0.0.1:1";
  for (
    const variables of [
      { UPSTASH_REDIS_REST_URL: url },
      { UPSTASH_REDIS_REST_TOKEN: "secret" },
      { UPSTASH_REDIS_REST_URL: "secret", UPSTASH_REDIS_REST_TOKEN: "secret" },
      { UPSTASH_REDIS_REST_URL: "redis://secret:1", UPSTASH_REDIS_REST_TOKEN: "secret" },
      { UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: "secret\nsecret" },
    ]
  ) {
    equal(createRedis(new Map(Object.entries(variables)), { log }), null);
    deepEqual(lines.splice(0).map((line) => line.event), ["redis_misconfigured"]);
  }
});

Deno.test("values that look like numbers stay text", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = subject(redis.variables, PATIENT);
  for (const value of ["123", "true", "null", '{"a":1}', ""]) {
    await shared.later((client) => client.set("key", value, { ex: 60 }));
    deepEqual(await shared.attempt(read), { value });
  }
  deepEqual(await shared.attempt((client) => client.get("none")), { value: null });
});

Deno.test("an unreachable Redis delays one command only", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const gone = new Map([
    ["UPSTASH_REDIS_REST_URL", `http://127.0.0.1:${port}`],
    ["UPSTASH_REDIS_REST_TOKEN", "token"],
  ]);
  await waitsOnce(gone, (lines) => equal(lines.length, 1));
});

Deno.test("a Redis that does not answer in time delays one command only", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  for (const fault of ["silence", { delay: 400 }] as const) {
    way.fault = fault;
    await waitsOnce(way.variables, (lines) =>
      deepEqual(lines, [
        { level: "warn", event: "redis_skipped", reason: "no answer in time", for_ms: 5000 },
      ]));
  }
});

Deno.test("the slow commands of one answer share its waiting time", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  way.fault = { delay: 30 };
  deepEqual(await subject(way.variables, PATIENT).redis.attempt(read), { value: null });
  await inTime(async () => {
    const { redis: shared } = subject(way.variables);
    const [result, took] = await timed(() =>
      shared.attempt(async (client) => {
        for (let count = 0; count < 10; count++) await client.get("key");
      })
    );
    equal(result, null);
    return { "all of them": [took, MOST] };
  });
});

Deno.test("concurrent callers wait no longer than one", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  way.fault = "silence";
  await inTime(async () => {
    const { redis: shared, lines } = subject(way.variables);
    const [, took] = await timed(() =>
      Promise.all(Array.from({ length: 20 }, () => shared.attempt(read)))
    );
    equal(lines.length, 1);
    return { "twenty of them": [took, MOST] };
  });
});

Deno.test("a Redis that answers nonsense counts as unreachable", async () => {
  const answers: [string, number][] = [
    ["", 200],
    ["<html>", 200],
    ["{}", 200],
    ["null", 200],
    ["[]", 200],
    ['{"result":', 200],
    ['{"error":"ERR max requests limit exceeded"}', 400],
    ['{"error":"Unauthorized"}', 401],
    ["<html>", 502],
    ["{}", 500],
  ];
  for (const [body, status] of answers) {
    await using liar = startLiar(body, status);
    let runs = 0;
    await waitsOnce(liar.variables, (lines) => {
      equal(lines.length, 1, body);
      equal(liar.asked, ++runs, body);
    }, PATIENT);
  }
});

Deno.test("a Redis that answers again is used again, and no caller waits for the check", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  way.fault = "silence";
  // A caller that waited for the probe of Redis would wait as long as the first one.
  const { redis: shared, lines } = subject(way.variables, { attempt: 1_000, rest: 20 });
  equal(await shared.attempt(read), null);

  await inTime(async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    const [, took] = await timed(() => shared.attempt(read));
    equal(lines.length, 1);
    return { "a caller": [took, 1_000] };
  });

  way.fault = "none";
  await until(async () => await shared.attempt(read) !== null);
  deepEqual(lines.map((line) => line.event), ["redis_skipped", "redis_used_again"]);
  deepEqual(await shared.attempt(read), { value: null });
});

Deno.test("while Redis is skipped, one check at a time is made, however many callers there are", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  way.fault = "silence";
  const { redis: shared } = subject(way.variables, { rest: 0 });
  await shared.attempt(read);
  const before = way.connections;
  for (let count = 0; count < 100; count++) await shared.attempt(read);
  ok(way.connections - before <= 1, `${way.connections - before} connections`);
  // The probe ends at its own timeout, before the test does.
  way.fault = "none";
  await until(async () => await shared.attempt(read) !== null);
});

Deno.test("a check must have the right answer: a wrong Redis stays unused", async () => {
  await using liar = startLiar('{"result":"UE9OR1BPTkc="}');
  const { redis: shared, lines } = subject(liar.variables, { rest: 0 });
  equal(
    await shared.attempt((client) => client.evalsha("0", [], []).then(() => JSON.parse("{"))),
    null,
  );
  for (let count = 0; count < 5; count++) {
    const asked = liar.asked;
    equal(await shared.attempt(read), null);
    await until(() => liar.asked > asked);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  deepEqual(lines.map((line) => line.event), ["redis_skipped"]);
});

Deno.test("a command whose answer is lost is not repeated", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  way.fault = "drop";
  const { redis: shared } = subject(way.variables, PATIENT);
  equal(await shared.attempt((client) => client.incr("count")), null);
  const direct = subject(redis.variables, PATIENT);
  await until(async () =>
    (await direct.redis.attempt((client) => client.get("count")))?.value === "1"
  );
});

Deno.test("one value of the wrong type does not make Redis unused", async () => {
  await using redis = await startTestRedis();
  const { redis: shared, lines } = subject(redis.variables, PATIENT);
  await shared.attempt((client) => client.lpush("list", "a"));
  equal(await shared.attempt((client) => client.get("list")), null);
  deepEqual(await shared.attempt(read), { value: null });
  deepEqual(lines, []);
});

Deno.test("no key, value, address or token reaches the log", async () => {
  await using redis = await startTestRedis();
  const secret = "confidential";
  const commands = [
    (client: Redis) => client.set("key", secret, { ex: 0 }),
    (client: Redis) => client.eval(`return redis.error_reply("${secret}")`, [], []),
    (client: Redis) => client.set("key", "WRONGTYPE user_script: " + secret, { ex: 0 }),
    (client: Redis) => client.exec([secret, secret]),
  ];
  for (const command of commands) {
    const { redis: shared, lines } = subject(redis.variables, PATIENT);
    equal(await shared.attempt(command), null);
    equal(lines.length, 1, command.toString());
    ok(!JSON.stringify(lines).includes(secret), JSON.stringify(lines));
    ok(!JSON.stringify(lines).includes(redis.restToken.slice(0, 8)));
    ok(!JSON.stringify(lines).includes("127.0.0.1"), JSON.stringify(lines));
  }
});

Deno.test("work in the background has more time, and its failure reaches no caller", async () => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  way.fault = { delay: 250 };
  const { redis: shared, lines } = subject(way.variables);
  await shared.later((client) => client.set("key", "value", { ex: 60 }));
  deepEqual(lines, []);
  way.fault = "drop";
  await shared.later((client) => client.set("key", "value", { ex: 60 }));
  equal(lines.length, 1);
  const before = way.connections;
  way.fault = "none";
  await shared.later(() => Promise.reject(new Error("must not be asked while it rests")));
  await shared.later((client) => client.set("key", "other", { ex: 60 }));
  equal(way.connections, before);
  deepEqual(await subject(redis.variables, PATIENT).redis.attempt(read), { value: "value" });
});

Deno.test("a Redis key has identifiers, and a digest of everything else", async () => {
  equal(await redisKey("session", "sess_aB-9"), "agentbase:v1:session:sess_aB-9");
  const odd = ["alice@example.com", "a:b", "", "x".repeat(129), "\n", "ü"];
  const keys = await Promise.all(odd.map((text) => redisKey("session", text)));
  for (const key of keys) ok(/^agentbase:v1:session:~[0-9a-f]{64}$/.test(key), key);
  equal(new Set(keys).size, odd.length);
});
