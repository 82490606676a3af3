import { deepEqual, doesNotMatch, equal, ok } from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../../functions/_shared/gateway/limits.ts";
import { HELLO, startChat, VENDOR_KEY } from "../support/chat_fixture.ts";
import { inTime } from "../support/in_time.ts";
import { AGENT_ID, route } from "../support/memory_database.ts";
import {
  type Answer,
  chunk,
  completion,
  data,
  startUpstream,
  stream,
  type UpstreamServer,
} from "../support/upstream_server.ts";

const limits = { attempts: 3, backoffMs: 2 };

/** Returns each of these answers in turn, and then always the last one. */
const inTurn = (...answers: Answer[]): Answer => {
  let asked = 0;
  return (received) => answers[Math.min(asked++, answers.length - 1)]!(received);
};
const status = (code: number, headers: HeadersInit = {}): Answer => () =>
  Response.json({ error: { message: "x" } }, { status: code, headers });
const fine = () => completion("hi");

/** A chat with one route per provider; a fallback without an agent comes second. */
function startRoutes(providers: UpstreamServer[]) {
  const routes = providers.map(({ baseUrl }, index) =>
    route({
      base_url: baseUrl,
      ...index === 0 ? {} : { agent_id: null, vendor_id: "openai", service_id: null, model: "m2" },
    })
  );
  const chat = startChat(fine, { turn: { routes }, limits });
  chat.deps.env = {
    variables: new Map([["OPENROUTER_API_KEY", VENDOR_KEY], ["OPENAI_API_KEY", "second key"]]),
    demoUpstreamUrl: undefined,
  };
  return chat;
}

Deno.test("a failure of the vendor is retried, up to three attempts", async () => {
  const production = { attempts: DEFAULT_LIMITS.attempts, backoffMs: 2 };
  await using failing = startChat(status(500), { limits: production });
  equal((await failing.post(HELLO)).status, 502);
  equal(failing.upstream.received.length, 3);
  await using chat = startChat(inTurn(status(500), status(529), fine), { limits: production });
  equal((await chat.post(HELLO)).status, 200);
  equal(chat.upstream.received.length, 3);
  const { attempts, state, error } = await chat.database.settled();
  deepEqual([state, error], ["succeeded", null]);
  deepEqual(
    attempts.map((one) => [
      one.attempt,
      one.agent_id,
      one.status,
      one.upstream_status,
      one.counts_against_agent,
      one.error_code,
    ]),
    [
      [1, AGENT_ID, "failed", 500, true, "upstream_error"],
      [2, AGENT_ID, "failed", 529, true, "upstream_error"],
      [3, AGENT_ID, "succeeded", 200, false, null],
    ],
  );
  equal((await chat.logged).attempts, 3);
});

Deno.test("after three failed attempts the call fails", async () => {
  await using chat = startChat(status(503), { limits });
  const response = await chat.post(HELLO);
  equal(response.status, 502);
  equal((await response.json()).error.code, "upstream_error");
  equal(chat.upstream.received.length, 3);
  const { attempts, state } = await chat.database.settled();
  deepEqual([state, attempts.length, chat.database.turns[0]?.outcomes.length], ["failed", 3, 1]);
});

const judged: Record<string, [answer: Answer, calls: number, counts: boolean]> = {
  "400": [status(400), 1, false],
  "413": [status(413), 1, false],
  "422": [status(422), 1, false],
  "401": [status(401), 1, false],
  "402": [status(402), 1, false],
  "403": [status(403), 1, false],
  "404": [status(404), 1, false],
  "429": [status(429), 3, false],
  "500": [status(500), 3, true],
  "504": [status(504), 1, true],
  "529": [status(529), 3, true],
  "half an answer": [() => new Response('{"choices":[', {}), 1, true],
  "an error in a 200": [() => completion("", { error: { message: "x", code: 502 } }), 3, true],
  "too many calls in a 200": [
    () => completion("", { error: { message: "x", code: 429 } }),
    3,
    false,
  ],
};

for (const [what, [answer, calls, counts]] of Object.entries(judged)) {
  Deno.test(`a vendor that answers ${what} is called ${calls} times; counts: ${counts}`, async () => {
    await using chat = startChat(answer, { limits });
    await (await chat.post(HELLO)).body?.cancel();
    equal(chat.upstream.received.length, calls);
    const { attempts } = await chat.database.settled();
    deepEqual(
      attempts.map(({ status, counts_against_agent }) => [status, counts_against_agent]),
      Array.from({ length: calls }, () => ["failed", counts]),
    );
  });
}

Deno.test("a vendor that cannot be reached counts against the agent", async () => {
  await using chat = startChat(fine, { turn: { routes: [route()] }, limits });
  await (await chat.post(HELLO)).body?.cancel();
  const { attempts } = await chat.database.settled();
  deepEqual(
    attempts.map((one) => [one.error_code, one.upstream_status, one.counts_against_agent]),
    Array.from({ length: 3 }, () => ["upstream_unreachable", null, true]),
  );
});

Deno.test("a stream is retried before its first chunk", async () => {
  const answers = inTurn(
    () => stream(data({ error: { message: "overloaded", code: 503 } })),
    () => stream(": PROCESSING\n\n"),
    () => stream(chunk({ content: "hi" }, { finish_reason: "stop" }), data("[DONE]")),
  );
  await using chat = startChat(answers, { limits });
  const response = await chat.post({ ...HELLO, stream: true });
  equal(response.status, 200);
  ok((await response.text()).endsWith("data: [DONE]\n\n"));
  const { attempts, state } = await chat.database.settled();
  deepEqual([state, attempts.map(({ status }) => status)], [
    "succeeded",
    ["failed", "failed", "succeeded"],
  ]);
});

Deno.test("a stream is never retried after its first chunk; its end counts", async () => {
  await using chat = startChat(() => stream(chunk({ content: "half" })), { limits });
  const text = await (await chat.post({ ...HELLO, stream: true })).text();
  ok(text.includes("upstream_interrupted"));
  equal(chat.upstream.received.length, 1);
  const { attempts, state } = await chat.database.settled();
  deepEqual([state, attempts.map((one) => [one.status, one.counts_against_agent])], [
    "partial",
    [["failed", true]],
  ]);
});

Deno.test("the next route answers when one fails, and the ledger says which", async () => {
  await using first = startUpstream(status(500));
  await using second = startUpstream(fine);
  await using chat = startRoutes([first, second]);
  const response = await chat.post(HELLO);
  equal((await response.json()).model, "gpt-4o", "the name that the caller asked for");
  deepEqual([first.received.length, second.received.length], [2, 1]);
  equal(second.received[0]?.body.model, "m2");
  equal(second.received[0]?.headers.get("authorization"), "Bearer second key");
  const { attempts, vendor_id, service_id } = await chat.database.settled();
  deepEqual([vendor_id, service_id], ["openai", null]);
  deepEqual(attempts.map((one) => [one.agent_id, one.vendor_id, one.status]), [
    [AGENT_ID, "openrouter", "failed"],
    [AGENT_ID, "openrouter", "failed"],
    [null, "openai", "succeeded"],
  ]);
  equal((await chat.logged).vendor_id, "openai");
});

Deno.test("every route gets its attempt before any gets a second one", async () => {
  await using first = startUpstream(status(500));
  await using second = startUpstream(status(500));
  await using third = startUpstream(fine);
  await using chat = startRoutes([first, second, third]);
  equal((await chat.post(HELLO)).status, 200);
  deepEqual([first, second, third].map(({ received }) => received.length), [1, 1, 1]);
});

for (const code of [401, 404, 504]) {
  Deno.test(`a ${code} goes to the next route at once`, async () => {
    await using first = startUpstream(status(code));
    await using second = startUpstream(fine);
    await using chat = startRoutes([first, second]);
    equal((await chat.post(HELLO)).status, 200);
    deepEqual([first.received.length, second.received.length], [1, 1]);
  });
}

Deno.test("a request that the vendor refuses as invalid goes to no other route", async () => {
  await using first = startUpstream(status(400));
  await using second = startUpstream(fine);
  await using chat = startRoutes([first, second]);
  equal((await chat.post(HELLO)).status, 400);
  equal(second.received.length, 0);
});

Deno.test("a route that cannot be called is skipped, and is not an attempt", async () => {
  await using second = startUpstream(fine);
  const routes = [
    route({ vendor_id: "unknown" }),
    route({ vendor_id: "native", api_format: "native" }),
    route({ credential: "own" }),
    route({ base_url: second.baseUrl }),
  ];
  await using chat = startChat(fine, { turn: { routes }, limits });
  equal((await chat.post(HELLO)).status, 200);
  equal((await chat.database.settled()).attempts.length, 1);
});

for (
  const [what, headers] of [
    ["seconds", () => ({ "retry-after": "1" })],
    ["milliseconds", () => ({ "retry-after-ms": "1000", "retry-after": "9" })],
    ["a date", () => ({ "retry-after": new Date(Date.now() + 2000).toUTCString() })],
  ] as const
) {
  Deno.test(`a retry-after in ${what} is respected`, async () => {
    await using chat = startChat(
      inTurn((received) => status(429, headers())(received), fine),
      { limits },
    );
    const startedAt = Date.now();
    equal((await chat.post(HELLO)).status, 200);
    const waited = Date.now() - startedAt;
    ok(waited >= 990 && waited < 5000, `${waited} ms`);
  });
}

Deno.test("a vendor whose retry-after is too long is skipped", async () => {
  await using first = startUpstream(status(429, { "retry-after": "60" }));
  await using second = startUpstream(fine);
  await using chat = startRoutes([first, second]);
  equal((await chat.post(HELLO)).status, 200);
  equal(first.received.length, 1);

  await using alone = startChat(status(429, { "retry-after": "60" }), { limits });
  const response = await alone.post(HELLO);
  deepEqual([response.status, response.headers.get("retry-after")], [429, "60"]);
  equal(alone.upstream.received.length, 1);
});

Deno.test("no attempt begins after the time for beginning has ended", async () => {
  let clock = 0;
  const slow: Answer = (received) => {
    clock += 60_000;
    return status(500)(received);
  };
  await using chat = startChat(slow, {
    limits: { ...limits, beginMs: 100_000 },
    deps: { now: () => clock },
  });
  equal((await chat.post(HELLO)).status, 502);
  equal(chat.upstream.received.length, 2);
});

Deno.test("an attempt waits no longer than the time for beginning lasts", async () => {
  let clock = 0;
  const gone = Promise.withResolvers<Response>();
  const answers = inTurn((received) => {
    clock += 60_000;
    return status(500)(received);
  }, () => gone.promise);
  await using chat = startChat(answers, {
    limits: { ...limits, beginMs: 60_500 },
    deps: { now: () => clock },
  });
  equal((await chat.post(HELLO)).status, 504);
  equal(chat.upstream.received.length, 2);
  gone.resolve(completion("late"));
});

Deno.test("the pause is random, and doubles", async () => {
  const pauses: number[] = [];
  await using chat = startChat(status(500), { limits: { attempts: 3, backoffMs: 200 } });
  chat.deps.random = () => 0.99;
  let last = Date.now();
  const answer = chat.deps.fetch;
  chat.deps.fetch = (...call) => {
    pauses.push(Date.now() - last);
    const answered = answer(...call);
    answered.finally(() => last = Date.now());
    return answered;
  };
  await (await chat.post(HELLO)).body?.cancel();
  ok(pauses[1]! >= 197 && pauses[2]! >= 395, String(pauses));
  chat.deps.random = () => 0;
  await inTime(async () => {
    const startedAt = performance.now();
    await (await chat.post(HELLO)).body?.cancel();
    return { "no pause at all": [performance.now() - startedAt, 200] };
  });
});

const keys = ["a", "b", "c"].map((id) => ({
  id,
  user_id: "00000000-0000-4000-8000-00000000000a",
  vendor_id: "openrouter",
  encrypted_key: `cipher-${id}`,
}));

Deno.test("a caller's keys are tried in order until the vendor takes one", async () => {
  const used: string[] = [];
  await using provider = startUpstream(({ headers }) => {
    used.push(headers.get("authorization") ?? "");
    return used.at(-1) === "Bearer plain-b"
      ? completion("hi")
      : new Response(null, { status: 401 });
  });
  const turn = { routes: [route({ base_url: provider.baseUrl, credential: "own", keys })] };
  await using chat = startChat(fine, { turn, limits });
  const asked: unknown[] = [];
  chat.deps.decryptKey = (key) => {
    asked.push(key);
    return Promise.resolve(key.encrypted_key.replace("cipher", "plain"));
  };
  equal((await chat.post(HELLO)).status, 200);
  deepEqual(used, ["Bearer plain-a", "Bearer plain-b"]);
  deepEqual(asked, keys.slice(0, 2));
  const { attempts } = await chat.database.settled();
  deepEqual(attempts.map((one) => [one.status, one.counts_against_agent]), [
    ["failed", false],
    ["succeeded", false],
  ]);
});

Deno.test("keys that the vendor refuses are the caller's to renew", async () => {
  await using provider = startUpstream(() =>
    Response.json({ error: "bad plain-a" }, { status: 403 })
  );
  const turn = {
    routes: [route({ base_url: provider.baseUrl, credential: "own", keys: keys.slice(0, 1) })],
  };
  await using chat = startChat(fine, { turn, limits });
  chat.deps.decryptKey = () => Promise.resolve("plain-a");
  const response = await chat.post(HELLO);
  const { error } = await response.json();
  deepEqual([response.status, error.code], [400, "vendor_key_rejected"]);
  doesNotMatch(JSON.stringify([error, await chat.logged]), /plain-a/);
});

Deno.test("a key that cannot be decrypted is skipped", async () => {
  await using provider = startUpstream(fine);
  const turn = { routes: [route({ base_url: provider.baseUrl, credential: "own", keys })] };
  await using chat = startChat(fine, { turn, limits });
  chat.deps.decryptKey = ({ id }) =>
    id === "a" ? Promise.reject(new Error("damaged")) : Promise.resolve("good");
  equal((await chat.post(HELLO)).status, 200);
});
