import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

/** The contract of Upstash's REST form, checked with Upstash's own client on a real Redis. */
function clientOf(redis: TestRedis, options: { responseEncoding?: false } = {}): Redis {
  return new Redis({
    url: redis.restUrl,
    token: redis.restToken,
    automaticDeserialization: false,
    enableTelemetry: false,
    retry: { retries: 0 },
    ...options,
  });
}

/** Sends a request without the client. */
async function ask(redis: TestRedis, path: string, init: RequestInit = {}) {
  const headers = { authorization: `Bearer ${redis.restToken}`, ...init.headers };
  const response = await fetch(redis.restUrl + path, { ...init, headers });
  const body: unknown = await response.json();
  return { status: response.status, body };
}

Deno.test("strings come back unchanged, whatever they look like", async () => {
  await using redis = await startTestRedis();
  const values = [
    "",
    " ",
    "OK",
    "T0s=",
    "null",
    "true",
    "123",
    "1e400",
    "9007199254740993",
    "[1,2]",
    '{"a":1}',
    "Grüße 👋🏽 \u2028",
    "\0\x01\x7f\r\n\t",
    'quote " and \\ backslash',
  ];
  for (const options of [{}, { responseEncoding: false as const }]) {
    const client = clientOf(redis, options);
    for (const value of values) {
      equal(await client.set("key", value), "OK");
      equal(await client.get("key"), value, JSON.stringify(value));
      deepEqual(await client.pipeline().get("key").mget("key", "none").exec(), [value, [
        value,
        null,
      ]]);
    }
  }
});

Deno.test("statuses, numbers, lists and absent values keep their kind", async () => {
  await using redis = await startTestRedis();
  const client = clientOf(redis);
  equal(await client.ping(), "PONG");
  equal(await client.get("none"), null);
  equal(await client.incrby("number", 41), 41);
  equal(await client.get("number"), "41");
  equal(await client.type("number"), "string");
  equal(await client.hset("hash", { field: "7" }), 1);
  deepEqual(await client.eval("return {1, 'two', false, {redis.status_reply('OK')}}", [], []), [
    1,
    "two",
    null,
    ["OK"],
  ]);
});

Deno.test("a value of several megabytes comes back whole", async () => {
  await using redis = await startTestRedis();
  const client = clientOf(redis);
  const value = "0123456789abcdef".repeat(256 * 1024);
  await client.set("large", value);
  equal(await client.get("large"), value);
});

Deno.test("bytes that are not text survive in a body and in base64", async () => {
  await using redis = await startTestRedis();
  const bytes = Uint8Array.of(0, 128, 255, 254);
  deepEqual(await ask(redis, "/set/bytes?EX=100", { method: "POST", body: bytes }), {
    status: 200,
    body: { result: "OK" },
  });
  const encoded = { headers: { "upstash-encoding": "base64" } };
  deepEqual((await ask(redis, "/set/word/OK", encoded)).body, { result: "OK" });
  deepEqual((await ask(redis, "/get/word", encoded)).body, { result: "T0s=" });
  deepEqual((await ask(redis, "/ping", encoded)).body, { result: "UE9ORw==" });
  const { body } = await ask(redis, "/get/bytes", { headers: { "upstash-encoding": "base64" } });
  deepEqual(body, { result: bytes.toBase64() });
  deepEqual((await ask(redis, "/ttl/bytes")).body, { result: 100 });
});

Deno.test("a command may stand in the path", async () => {
  await using redis = await startTestRedis();
  deepEqual((await ask(redis, "/set/a%2Fb/caf%C3%A9/")).body, { result: "OK" });
  deepEqual((await ask(redis, "/get/a%2Fb", { method: "POST" })).body, { result: "café" });
});

Deno.test("a pipeline answers each command, errors in their place", async () => {
  await using redis = await startTestRedis();
  const results = await clientOf(redis).pipeline().set("key", "text").incr("key").get("key").exec({
    keepErrors: true,
  });
  deepEqual(results.map(({ error }) => error?.replace(/ or.*/, "")), [
    undefined,
    "ERR value is not an integer",
    undefined,
  ]);
  equal(results[2].result, "text");
});

Deno.test("a transaction is not interrupted by other clients", async () => {
  await using redis = await startTestRedis();
  const client = clientOf(redis);
  const rounds = 40;
  const transfers = Array.from(
    { length: rounds },
    () => client.multi().incr("left").incr("middle").decr("right").exec(),
  );
  const others = Array.from({ length: rounds }, () => client.incrby("middle", 1000));
  for (const [left, middle, right] of await Promise.all(transfers)) {
    equal(left, -right);
    equal(middle % 1000, left);
  }
  await Promise.all(others);
  const views = await Promise.all(
    Array.from({ length: rounds }, () => client.mget("left", "right")),
  );
  for (const [left, right] of views) equal(Number(left), -Number(right));
});

Deno.test("a transaction with a command that does not exist changes nothing", async () => {
  await using redis = await startTestRedis();
  const { status, body } = await ask(redis, "/multi-exec", {
    method: "POST",
    body: JSON.stringify([["SET", "key", "1"], ["NONSENSE"]]),
  });
  equal(status, 400);
  match(JSON.stringify(body), /unknown command/);
  equal(await clientOf(redis).get("key"), null);
});

Deno.test("scripts run by text and by digest, and unknown digests are reported", async () => {
  await using redis = await startTestRedis();
  const client = clientOf(redis);
  const script = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
  const digest = await client.scriptLoad(script);
  equal(await client.evalsha(digest, ["count"], ["2"]), 2);
  await client.scriptFlush();
  await rejects(client.evalsha(digest, ["count"], ["2"]), /NOSCRIPT/);
  equal(await client.eval(script, ["count"], ["3"]), 5);
  equal(await client.evalsha(digest, ["count"], ["1"]), 6);
});

Deno.test("a script with Upstash's own flag runs, by its digest too", async () => {
  await using redis = await startTestRedis();
  const client = clientOf(redis);
  const script = "#!lua flags=allow-key-locking\nreturn ARGV[1]";
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-1", new TextEncoder().encode(script)),
  ).toHex();
  await rejects(client.evalsha(digest, [], ["a"]), /NOSCRIPT/);
  equal(await client.eval(script, [], ["a"]), "a");
  equal(await client.evalsha(digest, [], ["b"]), "b");
  const both = "#!lua flags=no-writes,allow-key-locking\nreturn redis.call('SET', 'key', '1')";
  await rejects(client.eval(both, [], []), /Write commands are not allowed/);
});

Deno.test("malformed requests are refused with their status", async () => {
  await using redis = await startTestRedis();
  const post = (path: string, body: string) => ask(redis, path, { method: "POST", body });
  equal((await ask(redis, "/", { headers: { authorization: "Bearer wrong" } })).status, 401);
  equal((await ask(redis, "/get/key", { headers: { authorization: "" } })).status, 401);
  equal((await ask(redis, "/get/key", { method: "DELETE" })).status, 405);
  for (const body of ["", "{", "{}", "[]", "[[]]", '["GET",null]', '["GET",{}]']) {
    equal((await post("/", body)).status, 400, body);
  }
  for (const body of ["[1]", '["GET","key"]', "[[]]"]) {
    equal((await post("/pipeline", body)).status, 400, body);
  }
  equal((await post("/", '["GET"]')).status, 400);
  equal((await post("/", JSON.stringify(["SET", "key", "x".repeat(11_000_000)]))).status, 400);
});

Deno.test("commands that would take the connection away from others are refused", async () => {
  await using redis = await startTestRedis();
  const client = clientOf(redis);
  for (
    const command of ["MULTI", "blpop", "Subscribe", "MONITOR", "shutdown", "SELECT", "config"]
  ) {
    const { status, body } = await ask(redis, "/", {
      method: "POST",
      body: JSON.stringify([command, "x", "0"]),
    });
    equal(status, 400, command);
    match(JSON.stringify(body), /not available over REST/, command);
  }
  const { body } = await ask(redis, "/pipeline", {
    method: "POST",
    body: JSON.stringify([["MULTI"], ["PING"]]),
  });
  match(JSON.stringify(body), /not available over REST.*"result":"PONG"/);
  const mixed = await client.pipeline().set("key", "1").get("key").exec();
  deepEqual(mixed, ["OK", "1"]);
});
