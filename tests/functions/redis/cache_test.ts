import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { Redis } from "@upstash/redis";
import fc from "fast-check";
import { storeEntries } from "../../../functions/_shared/redis/cache.ts";
import {
  type AgentHealth,
  createAgentHealthCache,
} from "../../../functions/_shared/redis/mirrors/agent_health.ts";
import { compressText, decompressText } from "../../../functions/_shared/redis/mirrors/gzip.ts";
import {
  type CachedMessages,
  createMessageCache,
} from "../../../functions/_shared/redis/mirrors/messages.ts";
import { createSessionCache } from "../../../functions/_shared/redis/mirrors/session.ts";
import {
  createTurnCache,
  turnMirrorSchema,
} from "../../../functions/_shared/redis/mirrors/turn.ts";
import type { LogFields } from "../../../functions/_shared/core/log.ts";
import {
  createRedis,
  REDIS_PATIENCE,
  type SharedRedis,
} from "../../../functions/_shared/redis/client.ts";
import { inTime } from "../support/in_time.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { startFaultyWay, startLiar } from "../support/redis_faults.ts";

const SESSION = `sess_${"0123456789abcdef".repeat(4)}`;
const AGENT = "00000000-0000-4000-8000-0000000000a1";
const NOW = Date.UTC(2026, 0, 1);
const VERSION = { message_count: 4, last_activity_at: "2026-01-01T00:00:00.123456+00:00" };

const ABOUT = {
  user_id: "00000000-0000-4000-8000-00000000000a",
  org_id: "00000000-0000-4000-8000-0000000000ac",
  agent_id: AGENT,
  model_id: null,
  metadata: { theme: "dark", nested: [1, null, { a: true }] },
};

const HEALTH: AgentHealth = {
  agent_id: AGENT,
  status: "unhealthy",
  last_check: "2026-01-01T00:00:00+00:00",
  latency_ms: null,
  consecutive_failures: 5,
  circuit_state: "open",
  circuit_retry_at: new Date(NOW + 30_000).toISOString(),
};

const MESSAGES: CachedMessages = [
  { role: "system", content: "the agent's secret instructions" },
  { role: "user", content: "Grüße 👋🏽 ".repeat(200) },
  { role: "assistant", content: null, tool_calls: [{ id: "1", type: "function" }] },
  { role: "tool", content: "42", tool_call_id: "1" },
];
const ANSWER = { role: "assistant", content: "It is 42." };

/** @param attempt Timeout in milliseconds; long for tests in which time does not matter. */
function connect(variables: ReadonlyMap<string, string>, attempt = 5_000) {
  const lines: LogFields[] = [];
  const log = (_level: string, fields: LogFields) => void lines.push(fields);
  const redis = createRedis(variables, { log, patience: { attempt } });
  if (redis === null) throw new Error("A Redis is configured, and there is none");
  return { redis, lines };
}

function raw(redis: TestRedis): Redis {
  return new Redis({
    url: redis.restUrl,
    token: redis.restToken,
    automaticDeserialization: false,
    enableAutoPipelining: false,
  });
}

/** The signal of a worker that keeps running. */
const RUNNING = new AbortController().signal;

/** Writes all entries of a turn. */
function writeTurn(redis: SharedRedis | null): Promise<void> {
  return createTurnCache(redis, () => NOW, RUNNING).write({
    sessionId: SESSION,
    messages: MESSAGES,
    answer: ANSWER,
    mirror: { session: { ...ABOUT, ...VERSION }, agents: [HEALTH] },
  });
}

/** Reads all entries of a turn. */
async function readAll(redis: SharedRedis | null) {
  const agents = createAgentHealthCache(redis, () => NOW);
  return {
    session: await createSessionCache(redis).read(SESSION),
    messages: await createMessageCache(redis).read(SESSION, VERSION),
    health: await agents.health.read(AGENT),
    circuit: await agents.circuit.read(AGENT),
  };
}

const NOTHING = { session: null, messages: null, health: null, circuit: null };

Deno.test("a cached turn is read without the instructions, and each key expires in time", async () => {
  await using redis = await startTestRedis();
  const { redis: shared, lines } = connect(redis.variables);
  await writeTurn(shared);
  deepEqual(await readAll(shared), {
    session: ABOUT,
    messages: [...MESSAGES.slice(1), ANSWER],
    health: HEALTH,
    circuit: { circuit_state: "open", circuit_retry_at: HEALTH.circuit_retry_at },
  });
  deepEqual(lines, []);

  const client = raw(redis);
  const lifetimes = {
    [`agentbase:v1:session:${SESSION}`]: 24 * 60 * 60_000,
    [`agentbase:v1:chat:session:${SESSION}:messages`]: 60 * 60_000,
    [`agentbase:v1:agent:health:${AGENT}`]: 5 * 60_000,
    [`agentbase:v1:circuit_breaker:${AGENT}`]: 30_000,
  };
  deepEqual((await client.keys("*")).sort(), Object.keys(lifetimes).sort());
  for (const [key, lifetime] of Object.entries(lifetimes)) {
    const left = await client.pttl(key);
    ok(left <= lifetime && left > lifetime - 5_000, `${key}: ${left} ms`);
  }
  const stored = await client.strlen(`agentbase:v1:chat:session:${SESSION}:messages`);
  ok(stored < JSON.stringify(MESSAGES).length / 4, `${stored} bytes are not compressed`);
});

Deno.test("a turn is written in one request", async () => {
  await using liar = startLiar("[]");
  const { redis } = connect(liar.variables);
  await writeTurn(redis);
  equal(liar.asked, 1);
});

Deno.test("messages of another version of the session are not read", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = connect(redis.variables);
  await writeTurn(shared);
  const messages = createMessageCache(shared);
  for (
    const version of [
      { ...VERSION, message_count: 5 },
      { ...VERSION, last_activity_at: "2026-01-01T00:00:00.124Z" },
    ]
  ) equal(await messages.read(SESSION, version), null);
  // The same moment as the Data API writes it.
  const same = { ...VERSION, last_activity_at: "2026-01-01T01:00:00.123456+01:00" };
  equal((await messages.read(SESSION, same))?.length, 4);
});

Deno.test("a circuit that closed, or may be tried again, is not cached", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = connect(redis.variables);
  const agents = createAgentHealthCache(shared, () => NOW);
  const open = (row: AgentHealth) => agents.entries(row).then((all) => storeEntries(shared, all));
  const closed = { ...HEALTH, status: "healthy", circuit_state: "closed" } as const;
  for (
    const row of [
      { ...closed, circuit_retry_at: null },
      { ...HEALTH, circuit_retry_at: new Date(NOW).toISOString() },
    ]
  ) {
    await open(HEALTH);
    equal((await agents.circuit.read(AGENT))?.circuit_state, "open");
    await open(row);
    equal(await agents.circuit.read(AGENT), null);
    equal((await agents.health.read(AGENT))?.status, row.status);
  }
});

Deno.test("a failed turn leaves the messages alone, one without a session writes none", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = connect(redis.variables);
  const turns = createTurnCache(shared, () => NOW, RUNNING);
  const turn = { sessionId: SESSION, messages: MESSAGES, answer: null };
  await turns.write({ ...turn, mirror: { session: { ...ABOUT, ...VERSION } } });
  deepEqual(await readAll(shared), { ...NOTHING, session: ABOUT });
  await turns.write({ ...turn, sessionId: null, answer: ANSWER, mirror: { agents: [HEALTH] } });
  equal((await readAll(shared)).messages, null);
  await turns.write({ ...turn, mirror: {} });
});

Deno.test("simultaneous turns are written in one request, with the latest of each session", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = connect(redis.variables);
  let requests = 0;
  const counting: SharedRedis = {
    ...shared,
    later: (work) => {
      requests++;
      return shared.later(work);
    },
  };
  const turns = createTurnCache(counting, () => NOW, RUNNING);
  const write = (sessionId: string, version: number, content: string) =>
    turns.write({
      sessionId,
      messages: [],
      answer: { role: "assistant", content },
      mirror: { session: { ...ABOUT, ...VERSION, message_count: version } },
    });
  await Promise.all([write("s1", 1, "old"), write("s2", 1, "other"), write("s1", 2, "new")]);
  equal(requests, 1);
  const messages = createMessageCache(shared);
  const read = (id: string, message_count: number) =>
    messages.read(id, { ...VERSION, message_count });
  deepEqual(await read("s1", 2), [{ role: "assistant", content: "new" }]);
  deepEqual(await read("s2", 1), [{ role: "assistant", content: "other" }]);

  // More than fits in one request is sent in several, and nothing is lost.
  const noise = () => crypto.getRandomValues(new Uint8Array(64 * 1024)).toBase64();
  const large = Array.from({ length: 5 }, noise).join("");
  await Promise.all(["l1", "l2", "l3"].map((id) => write(id, 1, large)));
  equal(requests, 4);
  deepEqual(await read("l3", 1), [{ role: "assistant", content: large }]);
});

Deno.test("a conversation that grew too large for the cache is removed from it", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = connect(redis.variables);
  const messages = createMessageCache(shared);
  const write = async (said: CachedMessages) =>
    await storeEntries(shared, [await messages.entry(SESSION, VERSION, said)]);
  await write([ANSWER]);
  deepEqual(await messages.read(SESSION, VERSION), [ANSWER]);
  await write([{ role: "user", content: "x".repeat(600_000) }]);
  equal(await messages.read(SESSION, VERSION), null);
  equal(await raw(redis).dbsize(), 0);

  const many = Array.from({ length: 150 }, (_, index) => ({ role: "user", content: `${index}` }));
  await write(many);
  deepEqual(await messages.read(SESSION, VERSION), many.slice(50));
});

Deno.test("a reader gets a value of the right shape or none, whatever Redis holds", async () => {
  await using redis = await startTestRedis();
  const { redis: shared } = connect(redis.variables);
  const client = raw(redis);
  await writeTurn(shared);
  const keys = await client.keys("*");
  const whole = await Promise.all(keys.map((key) => client.get<string>(key)));
  const bomb = compressText("0".repeat(20_000_000));
  const name = `${VERSION.message_count}@${Date.parse(VERSION.last_activity_at)}`;
  const garbage = fc.oneof(
    fc.constantFrom("", "null", "[]", "{}", "42", '"text"', `${name} `, `${name} AAAA`),
    fc.constant(`${name} ${bomb}`),
    fc.json(),
    fc.string(),
    fc.tuple(fc.constantFrom(...whole), fc.nat(200)).map(([text, cut]) =>
      text?.slice(0, cut) ?? ""
    ),
    fc.tuple(fc.constantFrom(...whole), fc.nat(200), fc.string({ maxLength: 1 })).map((
      [text, at, character],
    ) => `${text?.slice(0, at)}${character}${text?.slice(at + 1)}`),
    fc.constantFrom(...whole).map((text) => text ?? ""),
  );
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...keys), garbage, async (key, value) => {
      await client.set(key, value, { ex: 100 });
      const { session, messages, health, circuit } = await readAll(shared);
      ok(session === null || typeof session.org_id === "string");
      ok(messages === null || messages.every((message) => typeof message.role === "string"));
      ok(health === null || health.agent_id.length === 36);
      ok(circuit === null || !Number.isNaN(Date.parse(circuit.circuit_retry_at)));
    }),
    { numRuns: 80 },
  );
  for (const key of keys) {
    await client.del(key);
    await client.rpush(key, "a list");
  }
  deepEqual(await readAll(shared), NOTHING);
  await writeTurn(shared);
  equal((await readAll(shared)).messages?.length, 4, "a write replaces what was in the way");
});

Deno.test("without Redis, or with an empty one, reads are empty and nothing fails", async () => {
  await writeTurn(null);
  deepEqual(await readAll(null), NOTHING);
  await using redis = await startTestRedis();
  deepEqual(await readAll(connect(redis.variables).redis), NOTHING);
});

Deno.test("a Redis that is slow, cut off or lying reads as empty and is waited for once", async () => {
  await using redis = await startTestRedis();
  await writeTurn(connect(redis.variables).redis);
  await using way = startFaultyWay(redis);
  await using liar = startLiar('{"result":{"result":[1]}}');
  for (const fault of ["silence", "drop", { delay: 300 }, null] as const) {
    if (fault !== null) way.fault = fault;
    const name = JSON.stringify(fault);
    await inTime(async () => {
      const { redis: shared, lines } = connect(
        fault === null ? liar.variables : way.variables,
        REDIS_PATIENCE.attempt,
      );
      const startedAt = performance.now();
      for (let count = 0; count < 5; count++) deepEqual(await readAll(shared), NOTHING, name);
      const took = performance.now() - startedAt;
      await writeTurn(shared);
      ok(lines.length <= 1);
      return { [name]: [took, REDIS_PATIENCE.attempt + 350] };
    });
  }
});

Deno.test("the database's cache record is read as the database writes it", () => {
  const told = {
    session: { ...ABOUT, ...VERSION, title: "more" },
    agents: [{ ...HEALTH, id: "x" }],
  };
  const mirror = turnMirrorSchema.parse(told);
  deepEqual(mirror, { session: { ...ABOUT, ...VERSION }, agents: [HEALTH] });
  deepEqual(turnMirrorSchema.parse({ settled: true, session: null, agents: null }), {
    session: null,
    agents: null,
  });
  deepEqual(turnMirrorSchema.parse({ settled: true }), {});
  deepEqual(turnMirrorSchema.parse({ session: { ...ABOUT, org_id: 1 }, agents: [{}] }), {
    session: null,
    agents: null,
  });
});

Deno.test("a decompression bomb is not unpacked", async () => {
  const bomb = compressText("0".repeat(1_000_000));
  ok(bomb.length < 2_000);
  equal((await decompressText(bomb, 1_000_000)).length, 1_000_000);
  await rejects(decompressText(bomb, 999_999), RangeError);
});

Deno.test("any text comes back from its compressed form", async () => {
  await fc.assert(fc.asyncProperty(
    fc.string({ unit: "grapheme", maxLength: 300 }),
    async (text) => {
      equal(await decompressText(compressText(text), 10_000), text);
    },
  ));
});
