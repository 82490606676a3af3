import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import {
  evaluateLedger,
  sweepAll,
  waitUntilSettled,
} from "../../scripts/measure/soak/evaluate-ledger.ts";
import { makeFixture } from "../../scripts/measure/soak/fixture.ts";
import { type Given, openGateway, VENDOR } from "./support/fault_gateway.ts";
import { scripted, startFaultUpstream, WORDS } from "./support/fault_upstream.ts";
import { type OwnPlatform, startOwnPlatform } from "./support/own_platform.ts";
import type { WireFault } from "./support/wire_proxy.ts";

const BEGIN = "begin_chat_turn";
const SETTLE = "settle_chat_turn";
const USAGE = { prompt: 101, completion: 23, cached: 17 };

/** How long the functions of this test wait for the database, in milliseconds. */
const DATABASE_MS = 6_500;

/** What a busy machine may add to a wait; a wait that none ends lasts much longer. */
const SLACK_MS = 5_000;

/** The outcome of a fault in the call that begins a turn: an answer, or a 503. */
type Outcome = "answered" | "refused";

/** One stated outcome per fault. Clients notice no fault in the call that settles. */
const FAULTS: [fault: WireFault, begin: Outcome][] = [
  [{ kind: "late", ms: 30 }, "answered"],
  [{ kind: "reset" }, "refused"],
  [{ kind: "cut", at: 0 }, "refused"],
  [{ kind: "cut up", at: 0 }, "refused"],
];

/** The two ways of the functions to Postgres. What one survives, the other does. */
type Way = "through the Data API" | "directly";

Deno.test("each fault on the connection to Postgres has its stated outcome, and ends with the fault", (test) =>
  meetFaults(test, "through the Data API"));

Deno.test("each fault in the protocol of a direct connection has its stated outcome", (test) =>
  meetFaults(test, "directly"));

Deno.test("a database that is killed under load loses no settled turn", () =>
  killDatabase("through the Data API"));

Deno.test("a database that is killed loses no turn settled on a direct connection", () =>
  killDatabase("directly"));

async function meetFaults(test: Deno.TestContext, way: Way): Promise<void> {
  await using world = await prepare(way);
  const { proxy } = world.platform;

  for (const [fault, begin] of FAULTS) {
    for (const when of [BEGIN, SETTLE]) {
      for (const stream of [false, true]) {
        await test.step(`${JSON.stringify(fault)} at ${when}, ${stream ? "stream" : "whole"}`, async () => {
          proxy.plan(when, fault);
          const { given, calls } = await world.call(stream);
          ok(proxy.hasHappened());
          if (when === SETTLE || begin === "answered") expectAnswer(given, calls);
          else expectRefusal(given, calls);
          // A direct call is one statement: when its answer is lost it has been done, and is voided.
          const isLost = way === "directly" && fault.kind === "cut" && given.status !== 200;
          const left = isLost ? { failed: 1 } : {};
          await world.expectBalance(given.status === 200 ? { succeeded: 1 } : left);
        });
      }
    }
  }

  // A cut may come after a transaction has been committed and before that is known.
  for (const when of [BEGIN, SETTLE]) {
    const length = await world.measure(when);
    ok(length > 100, `${length} bytes`);
    const step = Math.min(300, Math.ceil(length / 3));
    for (const kind of ["cut", "cut up"] as const) {
      for (let at = Math.floor(Math.random() * step); at < length; at += step) {
        await test.step(`${kind} at byte ${at} of ${when}`, async () => {
          proxy.plan(when, { kind, at });
          const { given, calls } = await world.call(at % 2 === 0);
          if (given.status === 200) expectAnswer(given, calls);
          else expectRefusal(given, calls);
          if (when === SETTLE) strictEqual(given.status, 200);
          // A turn whose begin was not answered is voided.
          await world.expectBalance(given.status === 200 ? { succeeded: 1 } : null);
        });
      }
    }
  }

  await test.step("a connection that hangs when a turn begins delays other requests for 5 s at most", async () => {
    proxy.plan(BEGIN, { kind: "hang" });
    const lost = world.call(false);
    await until(() => Promise.resolve(proxy.hasHappened()));
    const { given, calls } = await world.call(false, 1);
    expectAnswer(given, calls);
    ok(given.milliseconds < 5_000 + SLACK_MS, `a colleague waited ${given.milliseconds} ms`);
    const { given: refused, calls: none } = await lost;
    expectRefusal(refused, none);
    ok(refused.milliseconds < DATABASE_MS + SLACK_MS);
    const left = way === "directly" ? { failed: 1 } : {};
    await world.expectBalance({ succeeded: 1, ...left });
  });

  await test.step("a turn whose settlement hangs is settled by the next attempt", async () => {
    proxy.plan(SETTLE, { kind: "hang" });
    const { given, calls } = await world.call(true);
    expectAnswer(given, calls);
    ok(given.milliseconds < 2_000 + SLACK_MS, `the answer took ${given.milliseconds} ms`);
    await world.expectBalance({ succeeded: 1 });
  });

  await test.step("a database that refuses connections is a 503, and is used again when it accepts them", async () => {
    proxy.refuse(true);
    for (let turns = 0; turns < 3; turns++) {
      const { given, calls } = await world.call(turns === 1);
      expectRefusal(given, calls);
      ok(given.milliseconds < SLACK_MS);
    }
    proxy.refuse(false);
    const { given, calls } = await world.call(true);
    expectAnswer(given, calls);
    await world.expectBalance({ succeeded: 1 });
  });

  await test.step("an answer that runs while the database is down is sent, and settled when it is back", async () => {
    const { given, calls } = await world.call(true, 0, () => {
      proxy.refuse(true);
      setTimeout(() => proxy.refuse(false), 5_000);
    });
    expectAnswer(given, calls);
    ok(given.milliseconds < 4_500, `the answer took ${given.milliseconds} ms`);
    await world.expectBalance({ succeeded: 1 });
  });

  for (const when of [BEGIN, SETTLE]) {
    await test.step(`pg_terminate_backend() of a session in ${when}`, async () => {
      // Anyone who works waits for this lock, and so is found working.
      const locked = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      const lock = () =>
        world.platform.sql.begin(async (sql) => {
          await sql`select from public.budgets for update`;
          locked.resolve();
          await release.promise;
        });
      let holding = when === BEGIN ? lock() : undefined;
      if (holding) await locked.promise;
      const asked = world.call(true, 0, () => {
        holding ??= lock();
        return locked.promise;
      });
      const terminated = await world.terminateWaiting(when);
      release.resolve();
      const { given, calls } = await asked;
      await holding;
      strictEqual(terminated, 1);
      if (when === BEGIN) expectRefusal(given, calls);
      else expectAnswer(given, calls);
      await world.expectBalance(when === BEGIN ? {} : { succeeded: 1 });
    });
  }
}

async function killDatabase(way: Way): Promise<void> {
  await using world = await prepare(way);
  let killed: Promise<void> | undefined;
  const given: Given[] = [];
  const before: string[] = [];
  const turns = 48;
  let begun = 0;
  await Promise.all(Array.from({ length: 6 }, async (_, lane) => {
    while (begun < turns) {
      if (++begun === turns / 3) {
        const done = await world.platform.sql<{ id: string }[]>`
          select id from public.ai_interactions where turn_state = 'succeeded'`;
        before.push(...done.map(({ id }) => id));
        killed = world.platform.kill().then(() => world.platform.restart());
      }
      const { given: answer } = await world.call(begun % 2 === 0, lane % 4);
      given.push(answer);
      // Anyone who is refused comes back a little later, as it was told.
      if (answer.status === 503) await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }));
  await killed;
  const statuses = new Set(given.map(({ status }) => status));
  deepStrictEqual([...statuses].toSorted(), [200, 503]);
  for (const { status, content } of given) if (status === 200) strictEqual(content, WORDS.join(""));
  ok(before.length >= 5, `${before.length} were settled before`);

  // The same gateway goes on, without having been started again.
  await until(async () => {
    const { given: after, calls } = await world.call(true);
    if (after.status === 200) expectAnswer(after, calls);
    return after.status === 200;
  });
  await world.expectBalance(null);
  const [kept] = await world.platform.sql`
    select count(*)::int as count from public.ai_interactions
    where id = any (${before}) and turn_state = 'succeeded'`;
  strictEqual(kept?.count, before.length);
}

function expectAnswer({ status, code, content }: Given, calls: number): void {
  deepStrictEqual([status, code, content], [200, null, WORDS.join("")]);
  strictEqual(calls, 1, "calls of the model");
}

function expectRefusal({ status, code, headers }: Given, calls: number): void {
  deepStrictEqual([status, code], [503, "database_unavailable"]);
  match(headers.get("retry-after") ?? "", /^\d+$/);
  strictEqual(calls, 0, "calls of the model");
}

// The world of a test --------------------------------------------------------------------

type States = Partial<Record<"succeeded" | "partial" | "failed", number>>;

interface World extends AsyncDisposable {
  platform: OwnPlatform;
  /** One call by one of four colleagues, settled or given up. `during` is done while the model works. */
  call(
    stream: boolean,
    person?: number,
    during?: () => unknown,
  ): Promise<{ given: Given; calls: number }>;
  /** Bytes that the database sends for a turn. */
  measure(when: string): Promise<number>;
  /** Ends the one session that waits for a lock in a function; returns how many there were. */
  terminateWaiting(name: string): Promise<number>;
  /**
   * Sweeps unsettled turns; then everything must add up.
   *
   * @param added Turns since the last time, by their states; null: as it comes.
   */
  expectBalance(added: States | null): Promise<void>;
}

async function prepare(way: Way): Promise<World> {
  const platform = await startOwnPlatform();
  const { sql } = platform;
  const upstream = await startFaultUpstream();
  const target = { clients: 4, vendor: VENDOR, baseUrl: upstream.baseUrl };
  const { tokens, models } = await makeFixture(sql, platform, target);
  const gateway = openGateway({
    platform,
    databaseMs: DATABASE_MS,
    ...way === "directly" && { databaseUrl: platform.databaseUrl },
  });
  let last: States = {};

  async function countStates(): Promise<States> {
    const rows = await sql<{ turn_state: string; count: number }[]>`
      select turn_state, count(*)::int as count from public.ai_interactions group by turn_state
      union all
      select 'running', count(*)::int from private.running_turns having count(*) > 0`;
    return Object.fromEntries(rows.map(({ turn_state, count }) => [turn_state, count]));
  }

  async function call(stream: boolean, person = 0, during?: () => unknown) {
    const id = crypto.randomUUID();
    if (during) upstream.before(id, during);
    const given = await gateway.chat(tokens[person] ?? "", {
      model: models[Math.floor(Math.random() * models.length)],
      stream,
      messages: [{
        role: "user",
        content: scripted({ fault: { kind: "none" }, id, usage: USAGE }),
      }],
    });
    return { given, calls: upstream.calls(id) };
  }

  async function expectBalance(added: States | null): Promise<void> {
    await gateway.idle();
    platform.proxy.calm();
    let running = await waitUntilSettled(sql, 0);
    for (const deadline = Date.now() + 60_000; running > 0 && Date.now() < deadline;) {
      await sweepAll(sql);
      running = await waitUntilSettled(sql, 50);
    }
    deepStrictEqual((await evaluateLedger(sql)).filter(({ broken }) => broken > 0), []);
    // No model was called for what was not answered, and no estimate is charged for it.
    const unanswered = await sql`
      select error_code, total_cost from public.ai_interactions
      where turn_state = 'failed' and (error_code <> 'begin_unanswered' or total_cost <> 0)`;
    if (added) deepStrictEqual([...unanswered], []);
    const now = await countStates();
    const states = ["succeeded", "partial", "failed"] as const;
    const grown = states.map((state) => (now[state] ?? 0) - (last[state] ?? 0));
    last = now;
    if (added) deepStrictEqual(grown, states.map((state) => added[state] ?? 0), states.join());
  }

  return {
    platform,
    call,
    async measure(when) {
      platform.proxy.plan(when, { kind: "none" });
      const { given } = await call(false);
      await gateway.idle();
      strictEqual(given.status, 200);
      platform.proxy.calm();
      await expectBalance({ succeeded: 1 });
      return platform.proxy.measured();
    },
    async terminateWaiting(name) {
      let found: { ended: boolean }[] = [];
      await until(async () => {
        found = await sql<{ ended: boolean }[]>`
          select pg_terminate_backend(pid) as ended from pg_stat_activity
          where wait_event_type = 'Lock' and query like ${`%${name}%`} and usename in ('authenticator', 'agentbase_functions')`;
        return found.length > 0;
      });
      return found.length;
    },
    expectBalance,
    async [Symbol.asyncDispose]() {
      await gateway.idle();
      await gateway.close();
      await platform[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** Tries until something holds, for a minute. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await holds()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain until ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
