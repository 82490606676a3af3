import { deepEqual, equal, rejects } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import { ApiError } from "../../../functions/_shared/core/errors.ts";
import { createRateLimiter } from "../../../functions/_shared/rate_limit/limiter.ts";
import { createRedis } from "../../../functions/_shared/redis/client.ts";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { startTestRedis } from "../support/redis.ts";
import { takeClock } from "../support/redis_clock.ts";
import { completion } from "../support/upstream_server.ts";

const BEGIN = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

function isolate(variables: ReadonlyMap<string, string>) {
  const work: Promise<void>[] = [];
  const warned: [string, number][] = [];
  const log = () => {};
  const limiter = createRateLimiter({
    redis: createRedis(variables, { log, patience: { attempt: 5_000 } }),
    log,
    now: Date.now,
    background: (promise) => void work.push(promise),
    warn: (whose, perMinute) => {
      warned.push(["user_id" in whose ? whose.user_id : whose.organization_id, perMinute]);
      return Promise.resolve();
    },
  });
  return { ...limiter, warned, settled: async () => void await Promise.all(work) };
}

/** A person with two access keys, the first of which has a limit of its own. */
function person(limits: { key: number; user: number; organization: number }) {
  const [user, organization] = [crypto.randomUUID(), crypto.randomUUID()];
  const shared = {
    organization_id: organization,
    organization_per_minute: limits.organization,
    user_per_minute: limits.user,
  };
  const key = (perMinute: number | null) => ({
    hash: crypto.getRandomValues(new Uint8Array(32)).toHex(),
    limits: {
      ...shared,
      user_id: user,
      access_key_id: crypto.randomUUID(),
      access_key_per_minute: perMinute,
    },
  });
  return { user, organization, own: shared, limited: key(limits.key), free: key(null) };
}

const refused = (error: unknown) =>
  error instanceof ApiError && error.code === "rate_limit_exceeded";

Deno.test("a key counts against its own limit, its owner's and the organization's", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const limiter = isolate(redis.variables);
  const { user, organization, own, limited, free } = person({ key: 2, user: 4, organization: 5 });
  limiter.learn(limited.hash, limited.limits);
  limiter.learn(free.hash, free.limits);
  limiter.learn(user, own);
  deepEqual(await limiter.count(limited.hash), {
    limit: 2,
    remaining: 1,
    reset_ms: 2 * MINUTE,
    limits: limited.limits,
  });
  equal((await limiter.count(limited.hash))?.remaining, 0);
  await rejects(limiter.count(limited.hash), refused);
  deepEqual(await limiter.count(free.hash), {
    limit: 4,
    remaining: 1,
    reset_ms: 2 * MINUTE,
    limits: free.limits,
  });
  equal((await limiter.count(user))?.remaining, 0, "in person it is the same person");
  await rejects(limiter.count(free.hash), refused);
  await rejects(limiter.count(user), refused);
  const heard = [[user, 4], [organization, 5]];
  deepEqual(limiter.warned, heard, "it is the owner who hears of it, and the organization");

  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  const counted = (who: string) => client.get(`agentbase:v1:rate:${who}:${BEGIN / MINUTE}`);
  equal(await counted(`organization:${organization}`), 4);
  equal(await counted(`user:${user}`), 4);
  equal(await counted(`access_key:${limited.limits.access_key_id}`), 2);
  equal(await counted(`access_key:${free.limits.access_key_id}`), null);
});

Deno.test("a call refused for the owner or the organization does not count against the key", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const client = new Redis({ url: redis.restUrl, token: redis.restToken });
  for (const limits of [{ user: 1, organization: 9 }, { user: 9, organization: 1 }]) {
    const limiter = isolate(redis.variables);
    const { user, limited } = person({ key: 5, ...limits });
    limiter.learn(limited.hash, limited.limits);
    await limiter.count(limited.hash);
    await rejects(limiter.count(limited.hash), refused);
    const counted = (who: string) => client.get(`agentbase:v1:rate:${who}:${BEGIN / MINUTE}`);
    equal(await counted(`access_key:${limited.limits.access_key_id}`), 1);
    equal(await counted(`user:${user}`), 1);
  }
});

Deno.test("a changed limit of a key applies in the isolate that learned it from the database", async () => {
  await using redis = await startTestRedis();
  const limiter = isolate(redis.variables);
  const { limited: { hash, limits } } = person({ key: 2, user: 50, organization: 60 });
  limiter.learn(hash, limits);
  equal((await limiter.count(hash))?.limit, 2);
  limiter.learn(hash, { ...limits, access_key_per_minute: 10 });
  equal((await limiter.count(hash))?.limit, 10);
});

Deno.test("a caller whose limits were evicted is counted by the database, here and elsewhere", async () => {
  await using redis = await startTestRedis();
  const [here, there] = [isolate(redis.variables), isolate(redis.variables)];
  const { limited: { hash, limits } } = person({ key: 2, user: 50, organization: 60 });
  here.learn(hash, limits);
  await here.settled();
  here.forget(hash);
  await here.settled();
  equal(await here.count(hash), null);
  equal(await there.count(hash), null);
  // The isolate has cached nothing, and has no one to ask.
  here.forget(hash);
  isolate(new Map()).forget(hash);
});

Deno.test("a refused key uses no one's limit", async () => {
  await using redis = await startTestRedis();
  using _clock = takeClock(BEGIN);
  const limiter = isolate(redis.variables);
  const { user, own, limited } = person({ key: 2, user: 50, organization: 60 });
  await using chat = startChat(() => completion("hi"), {
    turn: { limits: limited.limits },
    deps: {
      limiter,
      authenticate: () => Promise.resolve({ accessKey: limited.hash, address: null }),
    },
  });
  await (await chat.post(HELLO)).body?.cancel();
  chat.database.beginTurn = () =>
    Promise.reject(new ApiError("access_key_revoked", "It was revoked."));
  for (let i = 0; i < 4; i++) equal((await chat.post(HELLO)).status, 401);
  limiter.learn(user, own);
  equal((await limiter.count(user))?.remaining, 48, "one refusal was counted, before it was known");
});
