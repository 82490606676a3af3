import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import postgres from "postgres";
import {
  CREDENTIAL,
  type FaultGateway,
  type Given,
  openGateway,
  VENDOR,
} from "./support/fault_gateway.ts";
import { type FaultProxy, startFaultProxy } from "./support/fault_proxy.ts";
import { startFaultServer, type Wire } from "./support/fault_server.ts";
import {
  type Fault,
  type FaultUpstream,
  recordedStream,
  type Script,
  scripted,
  startFaultUpstream,
  WORDS,
} from "./support/fault_upstream.ts";
import {
  addAgent,
  addVendor,
  costOf,
  dollars,
  type FaultVendor,
  removeVendor,
} from "./support/fault_vendor.ts";
import { startTestRedis } from "../functions/support/redis.ts";
import { startFaultyWay } from "../functions/support/redis_faults.ts";
import { type Person, signUp, stack } from "./support/stack.ts";

const USAGE = { prompt: 101, completion: 23, cached: 17 };

/** The outcome of a fault, for the client and in the database. */
interface Outcome {
  status: number;
  /** Error code, in the body or in band. */
  code: string | null;
  state: "succeeded" | "partial" | "failed";
  /** Whether it counts against the agent's circuit. */
  counts?: boolean;
  /** How often the upstream is called, before anything of an answer has been sent; once by default. */
  calls?: number;
  /** Milliseconds. */
  within?: number;
}

const MIDDLE = 700;
const succeeds: Outcome = { status: 200, code: null, state: "succeeded" };
const unreachable: Outcome = {
  status: 502,
  code: "upstream_unreachable",
  state: "failed",
  counts: true,
  calls: 3,
};
const upstreamFails: Outcome = {
  status: 502,
  code: "upstream_error",
  state: "failed",
  counts: true,
  calls: 3,
};
const unreadable: Outcome = {
  status: 502,
  code: "upstream_invalid_response",
  state: "failed",
  counts: true,
};
const late: Outcome = {
  status: 504,
  code: "upstream_timeout",
  state: "failed",
  counts: true,
  within: 8_000,
};
const limited: Outcome = {
  status: 429,
  code: "rate_limit_exceeded",
  state: "failed",
  counts: false,
  calls: 3,
  within: 8_000,
};
const refused: Outcome = {
  status: 400,
  code: "upstream_rejected_request",
  state: "failed",
  counts: false,
};
const interrupted: Outcome = {
  status: 502,
  code: "upstream_interrupted",
  state: "failed",
  counts: true,
  calls: 3,
};
const halfway = (code: string): Outcome => ({ status: 200, code, state: "partial", counts: true });

/** Failures after which it is unknown how much the upstream sold. */
const MAY_HAVE_SOLD: ReadonlySet<string> = new Set([
  "upstream_interrupted",
  "upstream_invalid_response",
  "upstream_timeout",
  "upstream_unreachable",
]);

/** The expected outcome of each fault, for a complete answer and for a stream. */
const FAULTS: [fault: Fault, whole: Outcome, stream: Outcome][] = [
  [{ kind: "none" }, succeeds, succeeds],
  [{ kind: "late", ms: 200 }, succeeds, succeeds],
  [{ kind: "drip", ms: 5 }, succeeds, succeeds],
  [{ kind: "reset" }, unreachable, unreachable],
  [{ kind: "noise" }, unreachable, unreachable],
  // The headers of a long complete answer arrive late, at no fault of the upstream.
  [{ kind: "hang" }, { ...late, counts: false }, late],
  // A stream without any event has begun before it fails: its client is already reading it.
  [{ kind: "stall", at: 100 }, late, { ...late, status: 200 }],
  [{ kind: "stall", at: MIDDLE }, succeeds, halfway("upstream_timeout")],
  [{ kind: "cut", at: 0 }, interrupted, interrupted],
  [{ kind: "cut", at: MIDDLE }, succeeds, halfway("upstream_interrupted")],
  // A stream that ends normally in the middle of an event cannot be read.
  [{ kind: "end", at: 100 }, unreadable, unreadable],
  [{ kind: "end", at: MIDDLE }, succeeds, halfway("upstream_invalid_response")],
  [{ kind: "garbage" }, unreadable, unreadable],
  [{ kind: "reported", at: 0 }, upstreamFails, upstreamFails],
  [{ kind: "reported", at: MIDDLE }, upstreamFails, halfway("upstream_error")],
  [{ kind: "status", status: 400 }, refused, refused],
  [{ kind: "status", status: 401 }, {
    ...refused,
    status: 502,
    code: "upstream_credential_rejected",
  }, {
    ...refused,
    status: 502,
    code: "upstream_credential_rejected",
  }],
  [{ kind: "status", status: 429, retryAfter: 1 }, limited, limited],
  [{ kind: "status", status: 500 }, upstreamFails, upstreamFails],
  [{ kind: "status", status: 503 }, upstreamFails, upstreamFails],
  [{ kind: "status", status: 529 }, upstreamFails, upstreamFails],
];

Deno.test("each fault of an upstream has its stated outcome", async (test) => {
  await using world = await prepare();
  const cases = FAULTS.flatMap(([fault, whole, stream]) => [
    // A complete answer is shorter than the middle of a stream, so the fault cannot occur in it.
    ..."at" in fault && fault.at === MIDDLE && fault.kind !== "reported"
      ? []
      : [{ fault, isStream: false, outcome: whole }],
    { fault, isStream: true, outcome: stream },
  ]);
  await inLanes(cases, async ({ fault, isStream, outcome }) => {
    const { kind, ...detail } = fault;
    const name = `${kind} ${JSON.stringify(detail)}, ${isStream ? "stream" : "whole"}`;
    await step(test, name, async () => {
      await world.expectOutcome({ fault }, isStream, outcome);
    });
  });
});

Deno.test("each fault of an upstream has the same outcome for embeddings", async (test) => {
  await using world = await prepare();
  const cases = FAULTS.filter(([fault]) => !("at" in fault) || fault.at < MIDDLE);
  await inLanes(cases, async ([fault, outcome]) => {
    const { kind, ...detail } = fault;
    await step(test, `${kind} ${JSON.stringify(detail)}`, async () => {
      await world.expectOutcome({ fault }, false, outcome, true);
    });
  });
});

Deno.test("an embedding repeated with its idempotency key is charged once, wherever the first answer was lost", async () => {
  await using world = await prepare({ proxied: true });
  await world.setBudget();
  const options = { headers: { "idempotency-key": crypto.randomUUID() }, embeds: true };
  const agent = await addAgent(world.sql, world.vendor.vendor, world.embeddingService);
  const script = { fault: { kind: "none" }, id: crypto.randomUUID() } as const;
  world.proxy.plan("settle_chat_turn", [{ kind: "lost after" }]);
  const first = await world.call(script, false, { ...options, agent });
  deepStrictEqual([first.given.status, first.turn?.turn_state], [200, "succeeded"]);
  const second = await world.call(script, false, { ...options, agent });
  deepStrictEqual(JSON.parse(second.given.text), JSON.parse(first.given.text));
  strictEqual(second.given.headers.get("idempotent-replayed"), "true");
  strictEqual(second.upstreamCalls, 1);
  const cost = costOf({ input_tokens: USAGE.prompt, output_tokens: 0 });
  deepStrictEqual(await world.budget(), { spent: cost, reserved: 0n, reservations: 0 });
});

Deno.test("a stream that breaks off delivers what came before, and then an error", async (test) => {
  await using world = await prepare();
  const length = recordedStream("", { usage: USAGE, id: "" }).length;
  // Positions differ from run to run; the name of a step says which one failed.
  const first = Math.floor(Math.random() * 120);
  const positions = Array.from(
    { length: Math.ceil((length - first) / 120) },
    (_, index) => first + index * 120,
  );
  await inLanes(positions, async (at) => {
    await step(test, `at byte ${at}`, async () => {
      const id = crypto.randomUUID();
      const seen = new TextDecoder().decode(
        recordedStream(world.vendor.service, { usage: USAGE, id }).subarray(0, at),
      ).split("\n\n").slice(0, -1);
      const words = WORDS.slice(0, Math.max(0, seen.length - 1)).join("");
      const hasFinish = seen.length >= WORDS.length + 2;
      const outcome: Outcome = hasFinish ? succeeds : {
        // Nothing has gone out before the first word: another attempt may answer.
        status: words === "" ? 502 : 200,
        code: "upstream_interrupted",
        state: words === "" ? "failed" : "partial",
        calls: words === "" ? 3 : 1,
      };
      const given = await world.expectOutcome({ fault: { kind: "cut", at }, id }, true, outcome);
      strictEqual(given.content, words);
      strictEqual(given.done, hasFinish);
    });
  });
});

Deno.test("the vendor's rate limit and waiting time reach the client", async () => {
  await using world = await prepare();
  const { given } = await world.call(
    { fault: { kind: "status", status: 429, retryAfter: 1 } },
    false,
  );
  match(given.headers.get("retry-after") ?? "", /^1$/);
});

Deno.test("no answer and no row contains the credential", async () => {
  await using world = await prepare();
  for (const fault of [{ kind: "status", status: 401 }, { kind: "reported", at: 0 }] as const) {
    const { given } = await world.call({ fault }, false);
    ok(!given.text.includes(CREDENTIAL));
    const [row] = await world.sql`
      select count(*)::int as found from public.agent_executions
      where error_message like ${`%${CREDENTIAL}%`}`;
    strictEqual(row?.found, 0);
  }
});

// Between the function and the database ------------------------------------------------

Deno.test("an unreachable database is a 503 with retry-after", async (test) => {
  await using world = await prepare({ proxied: true });
  const faults = [
    { kind: "lost before" },
    { kind: "status", status: 502 },
    { kind: "status", status: 503 },
  ] as const;
  for (const fault of faults) {
    await step(test, JSON.stringify(fault), async () => {
      world.proxy.plan("begin_chat_turn", [fault]);
      const { given, turn, upstreamCalls } = await world.call({ fault: { kind: "none" } }, false);
      deepStrictEqual([given.status, given.code], [503, "database_unavailable"]);
      match(given.headers.get("retry-after") ?? "", /^\d+$/);
      ok(given.milliseconds < 5_000);
      strictEqual(turn, null);
      strictEqual(upstreamCalls, 0);
    });
  }
});

Deno.test("a turn whose begin was committed but not answered is voided, and never sent upstream", async () => {
  await using world = await prepare({ proxied: true });
  await world.setBudget();
  world.proxy.plan("begin_chat_turn", [{ kind: "lost after" }]);
  const { given, upstreamCalls } = await world.call({ fault: { kind: "none" } }, false);
  deepStrictEqual([given.status, given.code], [503, "database_unavailable"]);
  strictEqual(upstreamCalls, 0);

  await untilNoneRuns(world);
  const [turn] = await world.sql`
    select turn_state, error_code, total_cost::text from public.ai_interactions
    where user_id = ${world.person.id}`;
  deepStrictEqual([turn?.turn_state, turn?.error_code], ["failed", "begin_unanswered"]);
  strictEqual(dollars(String(turn?.total_cost)), 0n);
  deepStrictEqual(await world.budget(), { spent: 0n, reserved: 0n, reservations: 0 });
});

Deno.test("a lost settlement is repeated, and counts once", async (test) => {
  await using world = await prepare({ proxied: true });
  await world.setBudget();
  const cost = costOf({
    input_tokens: USAGE.prompt,
    output_tokens: USAGE.completion,
    cached_input_tokens: USAGE.cached,
  });
  let spent = 0n;
  const faults = [
    [{ kind: "lost before" }],
    [{ kind: "lost after" }],
    [{ kind: "half an answer" }],
    [{ kind: "lost after" }, { kind: "status", status: 503 }],
    [{ kind: "late", ms: 300 }],
  ] as const;
  for (const planned of faults) {
    for (const stream of [false, true]) {
      await step(test, `${JSON.stringify(planned)}, ${stream ? "stream" : "whole"}`, async () => {
        world.proxy.plan("settle_chat_turn", [...planned]);
        const { given, turn } = await world.call({ fault: { kind: "none" } }, stream);
        deepStrictEqual([given.status, given.content], [200, WORDS.join("")]);
        strictEqual(turn?.turn_state, "succeeded");
        strictEqual(dollars(String(turn.total_cost)), cost);
        deepStrictEqual(turn.messages, ["user complete", "assistant complete"]);
        strictEqual(turn.attempts.length, 1);
        spent += cost;
        deepStrictEqual(await world.budget(), { spent, reserved: 0n, reservations: 0 });
      });
    }
  }
});

Deno.test("an answer that cannot be settled at once is sent without delay, and settled later", async () => {
  await using world = await prepare({ proxied: true });
  await world.setBudget();
  world.proxy.plan(
    "settle_chat_turn",
    Array.from({ length: 15 }, () => ({ kind: "lost before" }) as const),
  );
  const cost = costOf({
    input_tokens: USAGE.prompt,
    output_tokens: USAGE.completion,
    cached_input_tokens: USAGE.cached,
  });
  const { given, turn } = await world.call({ fault: { kind: "none" } }, false);
  deepStrictEqual([given.status, given.content], [200, WORDS.join("")]);
  // Settling goes on for a minute and more.
  ok(given.milliseconds < 10_000, `the answer took ${given.milliseconds} ms`);
  deepStrictEqual([turn?.turn_state, dollars(String(turn?.total_cost))], ["succeeded", cost]);
  deepStrictEqual(turn?.messages, ["user complete", "assistant complete"]);
  deepStrictEqual(await world.budget(), { spent: cost, reserved: 0n, reservations: 0 });
});

Deno.test("an answer is sent even if it is never settled, and the sweep charges its reservation", async () => {
  await using world = await prepare({ proxied: true });
  await world.setBudget();
  world.proxy.plan(
    "settle_chat_turn",
    Array.from({ length: 1_000 }, () => ({ kind: "lost before" }) as const),
  );
  const { given, turn } = await world.call({ fault: { kind: "none" } }, false);
  deepStrictEqual([given.status, given.content], [200, WORDS.join("")]);
  strictEqual(turn?.turn_state, "running");
  ok((await world.budget()).reserved > 0n);
  await world.sql`
    update private.running_turns set lease_expires_at = now() - interval '1 second'
    where id = ${turn?.id ?? null}`;
  await world.sql`select public.sweep_chat_turns()`;
  const spent = await costOfAll(world);
  ok(spent > 0n, "what it may have sold is charged");
  deepStrictEqual(await world.budget(), { spent, reserved: 0n, reservations: 0 });
});

Deno.test("a transient fault costs one attempt, and the request is answered", async (test) => {
  await using world = await prepare();
  const faults: Fault[] = [
    { kind: "reset" },
    { kind: "noise" },
    { kind: "cut", at: 0 },
    { kind: "reported", at: 0 },
    { kind: "status", status: 429, retryAfter: 0 },
    { kind: "status", status: 529 },
  ];
  const cases = faults.flatMap((fault) => [false, true].map((stream) => ({ fault, stream })));
  await inLanes(cases, async ({ fault, stream }) => {
    await step(test, `${JSON.stringify(fault)}, ${stream ? "stream" : "whole"}`, async () => {
      const { given, turn, upstreamCalls } = await world.call({ fault, times: 1 }, stream);
      deepStrictEqual([given.status, given.code], [200, null]);
      strictEqual(given.content, WORDS.join(""));
      strictEqual(upstreamCalls, 2);
      deepStrictEqual(turn?.attempts.map(({ status }) => status), ["failed", "succeeded"]);
      deepStrictEqual(turn?.health, { consecutive_failures: 0, circuit_state: "closed" });
      deepStrictEqual(turn?.messages, ["user complete", "assistant complete"]);
    });
  });
});

Deno.test("a call repeated with its idempotency key is answered once, wherever the first answer was lost", async () => {
  await using world = await prepare({ proxied: true });
  await world.setBudget();
  const headers = { "idempotency-key": crypto.randomUUID() };
  const script = { fault: { kind: "none" }, id: crypto.randomUUID() } as const;
  const agent = await addAgent(world.sql, world.vendor.vendor, world.vendor.service);

  // The answer to begin is lost: the turn runs in the database, and no one will settle it.
  world.proxy.plan("begin_chat_turn", [{ kind: "lost after" }]);
  const lost = await world.call(script, false, { headers, agent });
  deepStrictEqual([lost.given.status, lost.given.code], [503, "database_unavailable"]);
  await untilNoneRuns(world);

  world.proxy.plan("settle_chat_turn", [{ kind: "lost after" }]);
  const third = await world.call(script, false, { headers, agent });
  deepStrictEqual([third.given.status, third.given.content], [200, WORDS.join("")]);
  const fourth = await world.call(script, false, { headers, agent });
  strictEqual(fourth.given.status, 200);
  deepStrictEqual(JSON.parse(fourth.given.text), JSON.parse(third.given.text));
  strictEqual(fourth.upstreamCalls, 1);
  const { spent, reserved, reservations } = await world.budget();
  deepStrictEqual([reserved, reservations], [0n, 0]);
  const answered = dollars(String(third.turn?.total_cost));
  strictEqual(
    answered,
    costOf({
      input_tokens: USAGE.prompt,
      output_tokens: USAGE.completion,
      cached_input_tokens: USAGE.cached,
    }),
  );
  strictEqual(spent, await costOfAll(world));
  strictEqual(spent, answered, "and the one that got lost, which no vendor saw, costs nothing");
});

// Between the function and Redis ---------------------------------------------------------

/** Faults of a Redis behind Upstash's REST API. */
const REDIS_FAULTS: Record<string, (wire: Wire) => void> = {
  "refuses its connections": (wire) => wire.reset(),
  "never answers": () => {},
  "answers noise": (wire) => wire.raw(crypto.getRandomValues(new Uint8Array(64))),
  "answers a page": (wire) => {
    wire.head(502, { "content-type": "text/html" });
    wire.write(new TextEncoder().encode("<html>Bad gateway</html>"));
    wire.end();
  },
  "lies": (wire) => {
    wire.head(200, { "content-type": "application/json" });
    wire.write(new TextEncoder().encode('{"result": "certainly"}'));
    wire.end();
  },
};

Deno.test("a failing Redis changes no answer, and is not asked for every request", async (test) => {
  for (const [name, fail] of Object.entries(REDIS_FAULTS)) {
    await step(test, `one that ${name}`, async () => {
      let asked = 0;
      await using redis = await startFaultServer((_request, wire) => {
        asked++;
        return Promise.resolve(fail(wire));
      });
      await using world = await prepare({ redis: redis.url });
      await world.setBudget();
      let waited = 0;
      for (const stream of [false, true, false]) {
        const { given, turn } = await world.call({ fault: { kind: "none" } }, stream);
        deepStrictEqual([given.status, given.content], [200, WORDS.join("")]);
        strictEqual(turn?.turn_state, "succeeded");
        waited += given.milliseconds;
      }
      // Redis is asked once for all three turns. Another test measures how much that may add,
      // without the noise of a database; this one checks that nothing waits longer than its
      // timeout.
      if (name === "lies") ok(asked >= 1, "what it says could be a value");
      else strictEqual(asked, 1);
      ok(waited < 3_000, `${waited} ms`);
      const { reserved, reservations } = await world.budget();
      deepStrictEqual([reserved, reservations], [0n, 0]);
    });
  }
});

Deno.test("a Redis that is killed, emptied, silent or wrong between two turns changes no answer", async (test) => {
  let redis = await startTestRedis();
  await using way = startFaultyWay(redis);
  const token = redis.restToken;
  const troubles: Record<string, () => unknown> = {
    "none": () => {},
    "emptied": () => redis.flush(),
    "silent": () => way.fault = "silence",
    "lying": () => way.fault = "lie",
    "cut off": () => way.fault = "drop",
    "killed": () => redis.stop("at once"),
    "back again": async () => {
      redis = await startTestRedis(token);
      way.leadTo(redis.restUrl);
    },
  };
  const cost = costOf({
    input_tokens: USAGE.prompt,
    output_tokens: USAGE.completion,
    cached_input_tokens: USAGE.cached,
  });
  for (const [name, trouble] of Object.entries(troubles)) {
    await step(test, name, async () => {
      way.fault = "none";
      // A Redis that failed is not called for a while, so each fault gets a gateway of its own.
      await using world = await prepare({
        redis: way.variables.get("UPSTASH_REDIS_REST_URL"),
        redisToken: token,
      });
      await world.setBudget();
      const expectAnswer = async (stream: boolean) => {
        const { given, turn } = await world.call({ fault: { kind: "none" } }, stream);
        deepStrictEqual([given.status, given.content], [200, WORDS.join("")]);
        strictEqual(turn?.turn_state, "succeeded");
        ok(Number(given.headers.get("x-ratelimit-remaining-requests")) > 0);
      };
      await expectAnswer(false);
      await trouble();
      for (const stream of [false, true]) await expectAnswer(stream);
      deepStrictEqual(await world.budget(), { spent: 3n * cost, reserved: 0n, reservations: 0 });

      // Budgets are enforced with and without Redis.
      await world.sql`
        update public.budgets set limit_usd = spent_usd
        where organization_id in (select id from public.organizations where created_by = ${world.person.id})`;
      const { given } = await world.call({ fault: { kind: "none" } }, false);
      deepStrictEqual([given.status, given.code], [402, "budget_exceeded"]);
    });
  }
  await redis.stop();
});

// Steps --------------------------------------------------------------------------

/** Runs work concurrently, a few items at a time. */
async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>) {
  const left = [...items];
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  }));
}

/** A step that may run concurrently with others. */
async function step(test: Deno.TestContext, name: string, fn: () => Promise<void>): Promise<void> {
  await test.step({ name, fn, sanitizeOps: false, sanitizeResources: false, sanitizeExit: false });
}

// The world of a test --------------------------------------------------------------------

/** What is stored of a turn. */
interface StoredTurn {
  id: string;
  turn_state: string;
  error_code: string | null;
  total_cost: string | null;
  /** "role status", in order. */
  messages: string[];
  attempts: { status: string; error_code: string | null; counts: boolean }[];
  health: { consecutive_failures: number; circuit_state: string };
}

interface Called {
  given: Given;
  turn: StoredTurn | null;
  upstreamCalls: number;
}

interface World extends AsyncDisposable {
  sql: postgres.Sql;
  person: Person;
  vendor: FaultVendor;
  /** Id of an embedding service of the same vendor. */
  embeddingService: string;
  proxy: FaultProxy;
  /** A call to a separate agent, including its settlement. */
  call(
    script: Partial<Script> & { fault: Fault },
    stream: boolean,
    options?: { headers?: Record<string, string>; agent?: FaultVendor["agent"]; embeds?: boolean },
  ): Promise<Called>;
  expectOutcome(
    script: Partial<Script> & { fault: Fault },
    stream: boolean,
    outcome: Outcome,
    embeds?: boolean,
  ): Promise<Given>;
  setBudget(): Promise<void>;
  budget(): Promise<{ spent: bigint; reserved: bigint; reservations: number }>;
}

async function prepare(
  { proxied = false, redis, redisToken }: {
    proxied?: boolean;
    redis?: string;
    redisToken?: string;
  } = {},
): Promise<World> {
  const sql = postgres(stack.DB_URL, { max: 2, onnotice: () => {} });
  const person = await signUp("faults");
  const upstream: FaultUpstream = await startFaultUpstream();
  const vendor = await addVendor(sql, VENDOR, upstream.baseUrl);
  const embedding = await addVendor(sql, VENDOR, upstream.baseUrl);
  await sql`
    update public.vendor_services set service_kind = 'embedding' where id = ${embedding.service}`;
  const proxy = await startFaultProxy(stack.API_URL);
  const gateway: FaultGateway = openGateway({
    dataApi: proxied ? proxy.url : stack.API_URL,
    redis,
    redisToken,
  });

  async function call(
    script: Partial<Script> & { fault: Fault },
    stream: boolean,
    { headers = {}, agent: sharedAgent, embeds = false }: Parameters<World["call"]>[2] = {},
  ): Promise<Called> {
    const { service } = embeds ? embedding : vendor;
    const agent = sharedAgent ?? await addAgent(sql, vendor.vendor, service);
    const full = { id: crypto.randomUUID(), usage: USAGE, ...script };
    const model = agent.name;
    const said = scripted(full);
    const given = embeds
      ? await gateway.embed(person.accessToken, { model, input: said }, headers)
      : await gateway.chat(person.accessToken, {
        model,
        stream,
        messages: [{ role: "user", content: said }],
      }, headers);
    await gateway.idle();
    const requestId = given.headers.get("x-request-id");
    const turn = await readTurn(sql, requestId, agent.id);
    return { given, turn, upstreamCalls: upstream.calls(full.id) };
  }

  return {
    sql,
    person,
    vendor,
    embeddingService: embedding.service,
    proxy,
    call,
    async expectOutcome(script, stream, outcome, embeds = false) {
      const { given, turn, upstreamCalls } = await call(script, stream, { embeds });
      ok(turn, `no turn was stored: ${given.text}`);
      const { status, code, state, counts, calls = 1, within = 5_000 } = outcome;
      deepStrictEqual(
        { status: given.status, code: given.code, state: turn.turn_state, stored: turn.error_code },
        { status, code, state, stored: code },
      );
      ok(given.milliseconds < within, `it took ${given.milliseconds} ms`);
      strictEqual(given.done, stream && code === null);

      // Every call of the upstream is an execution.
      strictEqual(upstreamCalls, calls, "calls of the upstream");
      strictEqual(turn.attempts.length, calls);
      for (const attempt of turn.attempts) {
        deepStrictEqual(
          [attempt.status, attempt.error_code],
          code === null ? ["succeeded", null] : ["failed", code],
        );
        if (counts !== undefined) strictEqual(attempt.counts, counts, "counts against the agent");
      }
      // A failure for one caller does not count against the agent yet.
      deepStrictEqual(turn.health, { consecutive_failures: 0, circuit_state: "closed" });

      const answer = {
        succeeded: ["assistant complete"],
        partial: ["assistant partial"],
        failed: [],
      };
      const question = state === "failed" ? "user error" : "user complete";
      // An embedding stores only its cost.
      deepStrictEqual(turn.messages, embeds ? [] : [question, ...answer[state]]);
      // Nothing sold, nothing charged; else the answer has its price, or the estimate of what may have been sold.
      const isSold = state !== "failed" || MAY_HAVE_SOLD.has(code ?? "");
      strictEqual(dollars(turn.total_cost ?? "0") > 0n, isSold);
      return given;
    },
    async setBudget() {
      await sql`
        insert into public.budgets (organization_id, period, limit_usd)
        select id, 'day', 10 from public.organizations
        where created_by = ${person.id} and is_personal`;
    },
    async budget() {
      const [row] = await sql<{ spent: string; reserved: string; reservations: number }[]>`
        select spent_usd::text as spent, reserved_usd::text as reserved,
          (select count(*)::int from public.budget_reservations where budget_id = budgets.id) as reservations
        from public.budgets
        where organization_id in (select id from public.organizations where created_by = ${person.id})`;
      ok(row);
      return { ...row, spent: dollars(row.spent), reserved: dollars(row.reserved) };
    },
    async [Symbol.asyncDispose]() {
      await sql`delete from public.ai_interactions where user_id = ${person.id}`;
      await removeVendor(sql, vendor);
      await sql.end();
      await proxy[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** The cost of all turns of the person, by the ledger. */
async function costOfAll({ sql, person }: World): Promise<bigint> {
  const [row] = await sql<{ cost: string }[]>`
    select coalesce(sum(total_cost), 0)::numeric(20, 10)::text as cost
    from public.ai_interactions where user_id = ${person.id}`;
  return dollars(row?.cost ?? "");
}

async function readTurn(
  sql: postgres.Sql,
  requestId: string | null,
  agent: string,
): Promise<StoredTurn | null> {
  const [turn] = await sql<StoredTurn[]>`
    select turns.id, turns.turn_state, turns.error_code, turns.total_cost::text,
      array(
        select messages.role || ' ' || messages.status from public.chat_messages messages
        where messages.interaction_id = turns.id order by messages.seq
      ) as messages,
      (
        select coalesce(jsonb_agg(jsonb_build_object(
          'status', executions.status, 'error_code', executions.error_code,
          'counts', executions.counts_against_agent
        ) order by executions.attempt), '[]')
        from public.agent_executions executions where executions.interaction_id = turns.id
      ) as attempts,
      (
        select jsonb_build_object(
          'consecutive_failures', health.consecutive_failures, 'circuit_state', health.circuit_state
        )
        from public.agent_health health where health.agent_id = ${agent}
      ) as health
    from (
      select id, request_id, turn_state, error_code, total_cost from public.ai_interactions
      union all
      select id, request_id, 'running', null, null from private.running_turns
    ) turns
    where turns.request_id = ${requestId}`;
  return turn ?? null;
}

/**
 * Waits until a turn whose begin got no answer has been voided, which happens after its refusal.
 */
async function untilNoneRuns(world: Awaited<ReturnType<typeof prepare>>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const running = await world.sql`
      select from private.running_turns where user_id = ${world.person.id}`;
    if (running.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("a turn that was never answered is still running");
}
