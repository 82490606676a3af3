import { deepEqual, equal, ok } from "node:assert/strict";
import { createAgentHealthCache } from "../../../functions/_shared/redis/mirrors/agent_health.ts";
import { createMessageCache } from "../../../functions/_shared/redis/mirrors/messages.ts";
import { createTurnCache } from "../../../functions/_shared/redis/mirrors/turn.ts";
import type { PlanLimits } from "../../../functions/_shared/rate_limit/plan.ts";
import { createRateLimiter } from "../../../functions/_shared/rate_limit/limiter.ts";
import { createRedis, type REDIS_PATIENCE } from "../../../functions/_shared/redis/client.ts";
import { type ChatFixture, HELLO, startChat, USER_ID } from "../support/chat_fixture.ts";
import { inTime } from "../support/in_time.ts";
import { AGENT_ID } from "../support/memory_database.ts";
import { startTestRedis } from "../support/redis.ts";
import { type NetworkFault, startFaultyWay, startLiar, until } from "../support/redis_faults.ts";
import { chunk, completion, data, stream, usageChunk } from "../support/upstream_server.ts";

const SESSION = {
  user_id: USER_ID,
  org_id: "00000000-0000-4000-8000-0000000000ac",
  agent_id: AGENT_ID,
  model_id: null,
  metadata: {},
  message_count: 2,
  last_activity_at: "2026-01-01T00:00:00+00:00",
};

const HEALTH = {
  agent_id: AGENT_ID,
  status: "healthy",
  last_check: null,
  latency_ms: 12,
  consecutive_failures: 0,
  circuit_state: "closed",
  circuit_retry_at: null,
} as const;

const LIMITS: PlanLimits = {
  organization_id: SESSION.org_id,
  organization_per_minute: 100,
  user_per_minute: 50,
};

/** A chat function with a Redis, wired as in production. */
function chatWith(
  variables: ReadonlyMap<string, string>,
  limits = LIMITS,
  patience: Partial<typeof REDIS_PATIENCE> = {},
): ChatFixture {
  const redis = createRedis(variables, { log: () => {}, patience });
  const chat = startChat(
    ({ body }) => {
      if (body.messages.at(-1).content === "fail") return Response.json({}, { status: 400 });
      if (!body.stream) return completion("hi");
      return stream(
        chunk({ content: "hi" }, { finish_reason: "stop" }),
        usageChunk(11, 2),
        data("[DONE]"),
      );
    },
    {
      turn: { limits, rate_limit: { limit: 50, remaining: 49, reset_ms: 1_200 } },
      deps: {
        cache: redis && createTurnCache(redis, Date.now, new AbortController().signal),
        limiter: createRateLimiter({
          redis,
          log: () => {},
          now: Date.now,
          background: () => {},
          warn: () => Promise.resolve(),
        }),
      },
    },
  );
  const settle = chat.database.settleTurn;
  chat.database.settleTurn = async (turnId, outcome) => {
    const { settled } = await settle(turnId, outcome);
    return outcome.mirror ? { settled, session: SESSION, agents: [HEALTH] } : { settled };
  };
  return chat;
}

const BODIES = [
  HELLO,
  { ...HELLO, stream: true },
  { ...HELLO, messages: [{ role: "user", content: "fail" }] },
  HELLO,
];

/** The answers without values that differ between turns, and how long all of them took. */
async function converse(chat: ChatFixture) {
  const startedAt = performance.now();
  const answers: unknown[] = [];
  for (const body of BODIES) {
    const response = await chat.post(body);
    const text = (await response.text())
      .replace(/chatcmpl-[0-9a-f]{32}/g, "chatcmpl")
      .replace(/"created":\d+/g, '"created":0');
    const { headers } = response;
    answers.push([response.status, headers.get("content-type"), text]);
    equal(headers.get("x-ratelimit-limit-requests"), "50");
  }
  const took = performance.now() - startedAt;
  const outcomes = chat.database.turns.map(({ outcomes }) => outcomes.map(({ state }) => state));
  return { answers, outcomes, took };
}

/** Which counter each turn used: true for the database. */
const countedByDatabase = (chat: ChatFixture) =>
  chat.database.turns.map(({ request }) => request.rate_limit);

Deno.test("failures of Redis change no answer, and only one answer waits for it", async () => {
  await using plain = chatWith(new Map());
  const expected = await converse(plain);
  equal(expected.answers.length, 4);
  deepEqual(expected.outcomes, [["succeeded"], ["succeeded"], ["failed"], ["succeeded"]]);

  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  await using liar = startLiar('{"result":[-1,50]}');
  await using broken = startLiar("<html>", 502);
  const faults: [ReadonlyMap<string, string>, NetworkFault][] = [
    [way.variables, "silence"],
    [way.variables, "drop"],
    [way.variables, { delay: 300 }],
    [liar.variables, "none"],
    [broken.variables, "none"],
  ];
  for (const [variables, fault] of faults) {
    way.fault = fault;
    await inTime(async () => {
      await using chat = chatWith(variables);
      const { answers, outcomes, took } = await converse(chat);
      deepEqual({ answers, outcomes }, { answers: expected.answers, outcomes: expected.outcomes });
      deepEqual(countedByDatabase(chat), [true, true, true, true]);
      return { [JSON.stringify(fault)]: [took, 500 + 2 * expected.took] };
    });
  }
});

/** Milliseconds that each of three requests takes, one after the other, in a new isolate. */
async function timeThree(variables: ReadonlyMap<string, string>): Promise<number[]> {
  await using chat = chatWith(variables);
  const times: number[] = [];
  for (let count = 0; count < 3; count++) {
    const startedAt = performance.now();
    const response = await chat.post(HELLO);
    await response.text();
    times.push(performance.now() - startedAt);
    equal(response.status, 200);
  }
  return times;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

Deno.test("a Redis that fails adds at most 200 ms to one answer, and nothing to the next", async (test) => {
  await using redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  await using liar = startLiar('{"result":[-1,50]}');
  const faults: [string, ReadonlyMap<string, string>, NetworkFault, waitsFor: number | null][] = [
    ["silent", way.variables, "silence", 100],
    ["slow", way.variables, { delay: 400 }, 100],
    ["cut off", way.variables, "drop", null],
    ["lying", way.variables, "lie", null],
    ["lying in its own form", liar.variables, "none", null],
  ];
  await timeThree(new Map());
  for (const [name, variables, fault, waitsFor] of faults) {
    await test.step(name, async () => {
      way.fault = fault;
      await inTime(async () => {
        const added: number[][] = [];
        // Pairs, one right after the other, so that both meet the same load; the median of their
        // differences leaves out the pairs that a busy machine stopped in the middle. The bound is
        // 150 ms of patience and what a request may lose by chance.
        for (let pair = 0; pair < 7; pair++) {
          const without = await timeThree(new Map());
          const beside = await timeThree(variables);
          added.push(beside.map((time, place) => time - (without[place] ?? 0)));
        }
        const [first, second, third] = [0, 1, 2].map((place) =>
          median(added.map((times) => times[place] ?? NaN))
        ) as [number, number, number];
        if (waitsFor !== null) ok(first >= waitsFor, `no one waited for it: ${first} ms`);
        return { "the first answer": [first, 200], second: [second, 25], third: [third, 25] };
      });
    });
  }
});

Deno.test("with Redis the answers are the same, and it counts known callers", async () => {
  await using redis = await startTestRedis();
  await using plain = chatWith(new Map());
  await using chat = chatWith(redis.variables, LIMITS, { attempt: 5_000 });
  const { answers, outcomes } = await converse(plain);
  const result = await converse(chat);
  deepEqual({ answers: result.answers, outcomes: result.outcomes }, { answers, outcomes });
  deepEqual(countedByDatabase(chat), [true, false, false, false]);
});

Deno.test("a caller over the limit is refused before the database or a model is asked", async () => {
  await using redis = await startTestRedis();
  await using chat = chatWith(redis.variables, { ...LIMITS, user_per_minute: 2 }, {
    attempt: 5_000,
  });
  const statuses: number[] = [];
  for (let count = 0; count < 4; count++) {
    const response = await chat.post(HELLO);
    statuses.push(response.status);
    const text = await response.text();
    if (response.status !== 429) continue;
    equal(JSON.parse(text).error.code, "rate_limit_exceeded");
    ok(Number(response.headers.get("retry-after")) >= 1);
    ok(Number(response.headers.get("retry-after-ms")) > 0);
    equal(response.headers.get("x-ratelimit-remaining-requests"), "0");
  }
  deepEqual(statuses, [200, 200, 200, 429]);
  equal(chat.database.turns.length, 3);
  equal(chat.upstream.received.length, 3);
});

Deno.test("a settled turn is cached, without the agent's instructions", async () => {
  await using redis = await startTestRedis();
  await using chat = chatWith(redis.variables);
  await (await chat.post(HELLO)).body?.cancel();
  const shared = createRedis(redis.variables, { log: () => {}, patience: { attempt: 5_000 } });
  const messages = createMessageCache(shared);
  const { session_id } = chat.database.turns[0]!.turn;
  await until(async () => await messages.read(session_id!, SESSION) !== null);
  deepEqual(await messages.read(session_id!, SESSION), [
    ...HELLO.messages,
    { role: "assistant", content: "hi" },
  ]);
  deepEqual(await createAgentHealthCache(shared, Date.now).health.read(AGENT_ID), HEALTH);
});
