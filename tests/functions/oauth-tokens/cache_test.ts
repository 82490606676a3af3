import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import { createLog } from "../../../functions/_shared/core/log.ts";
import { createRedis } from "../../../functions/_shared/redis/client.ts";
import { redisKey } from "../../../functions/_shared/redis/key.ts";
import { memoryOAuthDatabase } from "../support/memory_oauth_database.ts";
import { oauthIsolate, testKeyring, USER_ID } from "../support/oauth_fixture.ts";
import { startOAuthServer } from "../support/oauth_server.ts";
import { startTestRedis } from "../support/redis.ts";
import { takeClock } from "../support/redis_clock.ts";

const EVE = "00000000-0000-4000-8000-00000000000e";

/** The function with a real Redis. */
async function start() {
  const redis = await startTestRedis();
  const server = startOAuthServer("hush");
  const database = memoryOAuthDatabase({
    token_endpoint: server.endpoint,
    client_authentication: "post",
  });
  const keyring = testKeyring();
  const shared = createRedis(redis.variables, { log: createLog(() => {}) });
  const isolate = oauthIsolate({ database, keyring, redis: shared });
  const settle = () => Promise.all(isolate.background.splice(0));
  const store = async (expiresIn = 3600, userId = USER_ID, provider = "google") => {
    const grant = server.signIn(expiresIn);
    const response = await isolate.ask(
      "POST",
      "/oauth-tokens",
      { provider, ...grant, scope: null },
      userId,
    );
    equal(response.status, 201);
    await response.body?.cancel();
    await settle();
    return grant;
  };
  const outcome = async (userId = USER_ID) => {
    const response = await isolate.ask("GET", "/oauth-tokens/google", undefined, userId);
    const body = await response.json();
    await settle();
    return { status: response.status, token: body.access_token, code: body.error?.code };
  };
  const key = (userId = USER_ID, provider = "google") => redisKey("oauth_token", userId, provider);
  const client = new Redis({
    url: redis.restUrl,
    token: redis.restToken,
    automaticDeserialization: false,
    enableTelemetry: false,
  });
  return {
    ...isolate,
    redis,
    server,
    database,
    settle,
    store,
    outcome,
    key,
    client,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await redis.stop();
    },
  };
}

Deno.test("Redis holds a ciphertext that lives until the token is due for a refresh", async () => {
  await using all = await start();
  await all.store(3600);
  const text = await all.client.get<string>(await all.key());
  match(text!, /"ciphertext":"v1:k1:/);
  doesNotMatch(text!, /hush/);
  const ttl = await all.client.pttl(await all.key());
  ok(ttl > 3_530_000 && ttl <= 3_540_000, `${ttl} ms`);

  await all.store(59);
  equal(await all.client.get(await all.key()), null, "one that is due is not kept");
});

Deno.test("a refresh and a deletion are written through", async () => {
  await using all = await start();
  await all.store(30);
  // Issued an hour ago, so that it is due.
  all.database.connection(USER_ID).issuedAt -= 3_600_000;
  const { token } = await all.outcome();
  all.database.isDown = true;
  equal((await all.outcome()).token, token);
  all.database.isDown = false;

  await (await all.ask("DELETE", "/oauth-tokens/google")).body?.cancel();
  await all.settle();
  equal(await all.client.exists(await all.key()), 0);
});

Deno.test("while the database is down Redis answers, or else the call is a 503", async () => {
  await using all = await start();
  const grant = await all.store();
  all.database.isDown = true;
  equal((await all.outcome()).token, grant.access_token);
  match(all.lines.at(-1)!, /"oauth":"cached"/);
  deepEqual(await all.outcome(EVE), {
    status: 503,
    token: undefined,
    code: "database_unavailable",
  });
  await all.client.flushall();
  equal((await all.outcome()).code, "database_unavailable");
});

Deno.test("a stale entry in Redis is not used while the database answers", async () => {
  await using all = await start();
  await all.store();
  const stale = await all.client.get<string>(await all.key());
  const grant = await all.store();
  await all.client.set(await all.key(), stale!);
  equal((await all.outcome()).token, grant.access_token);

  await (await all.ask("DELETE", "/oauth-tokens/google")).body?.cancel();
  await all.settle();
  await all.client.set(await all.key(), stale!);
  equal((await all.outcome()).code, "oauth_token_not_found");
});

Deno.test("an invalid entry in Redis is ignored", async () => {
  await using all = await start();
  await all.store();
  await all.store(3600, EVE);
  await all.store(3600, USER_ID, "github");
  const good = (await all.client.get<string>(await all.key()))!;
  const { ciphertext } = JSON.parse(good);
  all.database.isDown = true;
  equal((await all.outcome()).status, 200);

  const late = "2999-01-01T00:00:00Z";
  for (
    const [what, value] of [
      ["not JSON", "x"],
      ["of another shape", "{}"],
      ["plaintext", JSON.stringify({ ciphertext: '{"access_token":"evil"}', expires_at: late })],
      ["of another person", (await all.client.get<string>(await all.key(EVE)))!],
      ["of another provider", (await all.client.get<string>(await all.key(USER_ID, "github")))!],
      [
        "cut off",
        JSON.stringify({ ciphertext: ciphertext.slice(0, -2), expires_at: late }),
      ],
      [
        "copied from the database",
        JSON.stringify({
          ciphertext: all.database.connection(USER_ID).ciphertext,
          expires_at: late,
        }),
      ],
    ] as const
  ) {
    await all.client.set(await all.key(), value);
    equal((await all.outcome()).code, "database_unavailable", what);
  }
  await all.client.del(await all.key());
  await all.client.lpush(await all.key(), good);
  equal((await all.outcome()).code, "database_unavailable", "of another type");
});

Deno.test("an expired token is not returned from Redis, whatever its expiry there", async () => {
  using clock = takeClock(Date.now());
  await using all = await start();
  await all.store(3_600);
  const text = (await all.client.get<string>(await all.key()))!;
  await all.client.set(await all.key(), text.replace(/"expires_at":"[^"]+"/, '"expires_at":null'));
  clock.advance(3_541_000);
  all.database.isDown = true;
  equal((await all.outcome()).code, "database_unavailable");
});

Deno.test("without Redis everything works", async () => {
  await using all = await start();
  await all.redis.stop();
  const grant = await all.store();
  equal((await all.outcome()).token, grant.access_token);
  await (await all.ask("DELETE", "/oauth-tokens/google")).body?.cancel();
  equal((await all.outcome()).code, "oauth_token_not_found");
});
