import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import postgres from "postgres";
import {
  admit,
  type BreakerModel,
  fail,
  newBreaker,
  refuse,
  succeed,
} from "./support/fault_breaker.ts";
import { signUp, stack } from "./support/stack.ts";

/** Two processes that share one circuit, each with a connection of its own; each serves one person. */
type Sessions = [postgres.Sql, postgres.Sql];

/** The circuit in SQL. */
interface Circuit {
  agent: string;
  /** The latest turn that was let through, by caller. */
  turns: readonly string[];
  sessions: Sessions;
}

/** Seconds around a time limit within which the model and the database could decide differently. */
const BLUR = 5;

/** Seconds by which the model's clock, which stands still during a step, may lag behind. */
const SLIP = 1;

Deno.test("the circuit breaker in SQL agrees with the model for any sequence of events", async () => {
  await using database = await openSessions();
  const step = fc.oneof(
    fc.nat(1).map(callOnce),
    fc.nat(1).map(succeedOnce),
    { weight: 3, arbitrary: fc.nat(1).map(failOnce) },
    fc.tuple(fc.nat(1), fc.boolean()).map(([caller, isLatest]) => refuseOnce(caller, isLatest)),
    fc.constant(raceForAdmission()),
    fc.constantFrom(1, 7, 21, 45, 65, 130, 340, 700).map(wait),
  );
  // The first run ends however slow the machine is: fast-check would fail one that it interrupts.
  const [until, runs] = [performance.now() + 12_000, { begun: 0 }];
  await fc.assert(
    fc.asyncProperty(fc.commands([step], { maxCommands: 40, size: "max" }), async (commands) => {
      if (runs.begun++ > 0 && performance.now() > until) return;
      const circuit = await database.newCircuit();
      const model = newBreaker();
      await fc.asyncModelRun(() => ({ model, real: circuit }), commands);
      await endsWell(model, circuit);
    }),
    { numRuns: 40 },
  );
});

Deno.test("the fifth countable failure in a row opens the circuit, and no earlier one", async () => {
  await using database = await openSessions();
  const circuit = await database.newCircuit();
  await report(circuit, 0, "failed");
  for (let failures = 1; failures <= 5; failures++) {
    strictEqual(await mayCall(circuit, 0), true, `before failure ${failures}`);
    await report(circuit, failures % 2, "failed");
  }
  strictEqual(await mayCall(circuit, 0), false);
  strictEqual(await mayCall(circuit, 1), false);
});

Deno.test("half of ten calls failing within a minute opens the circuit", async () => {
  await using database = await openSessions();
  const circuit = await database.newCircuit();
  for (let call = 0; call < 9; call++) {
    const [caller, isFailing] = [(call >> 1) % 2, call % 2 === 1];
    await report(circuit, caller, isFailing ? "failed" : "succeeded");
    strictEqual(await mayCall(circuit, 0), true, `after call ${call}`);
  }
  await report(circuit, 0, "failed");
  strictEqual(await mayCall(circuit, 0), false);
});

Deno.test("failures of one user alone do not open the circuit, and expire after ten minutes", async () => {
  await using database = await openSessions();
  const circuit = await database.newCircuit();
  const failures = async () => (await read(circuit)).consecutive_failures;
  for (let call = 0; call < 20; call++) await report(circuit, 0, "failed");
  strictEqual(await failures(), 0);
  strictEqual(await mayCall(circuit, 1), true);
  await moveClock(circuit, 605);
  await report(circuit, 1, "failed");
  strictEqual(await failures(), 0);
  await report(circuit, 0, "failed");
  strictEqual(await failures(), 1);
});

Deno.test("a trial call that fails for one user alone lets the next call be the trial", async () => {
  await using database = await openSessions();
  const circuit = await openedCircuit(database);
  await moveClock(circuit, 700);
  strictEqual(await mayCall(circuit, 0), true, "the probe");
  strictEqual(await mayCall(circuit, 1), false, "while it runs");
  await report(circuit, 0, "failed");
  strictEqual((await read(circuit)).circuit_state, "half_open");
  strictEqual(await mayCall(circuit, 1), true, "the next probe");
  await report(circuit, 1, "failed");
  strictEqual((await read(circuit)).circuit_state, "open", "it fails for both");
});

Deno.test("the circuit stays open twice as long each time, and never longer than five minutes", async () => {
  await using database = await openSessions();
  const circuit = await database.newCircuit();
  for (let call = 0; call < 5; call++) await report(circuit, call % 2, "failed");
  let caller = 1;
  for (const seconds of [30, 60, 120, 240, 300, 300]) {
    await report(circuit, caller, "failed");
    caller = 1 - caller;
    const { retry_in } = await read(circuit);
    ok(retry_in > seconds * 0.9 - BLUR && retry_in < seconds * 1.1, `${retry_in} of ${seconds} s`);
    await moveClock(circuit, 335);
    strictEqual(await mayCall(circuit, 1), true);
  }
});

Deno.test("a call that fails late admits no second trial call while one runs", async () => {
  await using database = await openSessions();
  const circuit = await openedCircuit(database);
  // Long enough ago for the backoff to be reset: the next opening is the shortest one.
  await moveClock(circuit, 700);
  strictEqual(await mayCall(circuit, 0), true, "the probe");
  await report(circuit, 0, "failed", false);
  await report(circuit, 1, "failed");
  const { retry_in } = await read(circuit);
  ok(retry_in > 60 - BLUR && retry_in <= 60, `${retry_in} s`);
  await moveClock(circuit, 45);
  strictEqual(await mayCall(circuit, 1), false, "while the probe runs");
  await moveClock(circuit, 20);
  strictEqual(await mayCall(circuit, 1), true, "after its minute");
  strictEqual(await mayCall(circuit, 0), false, "while the second one runs");
});

Deno.test("a trial call refused for its caller's fault lets the next call be the trial; an older call does not", async () => {
  await using database = await openSessions();
  const circuit = await openedCircuit(database);
  await moveClock(circuit, 60);
  strictEqual(await mayCall(circuit, 0), true, "the probe");
  await report(circuit, 0, "refused", false);
  strictEqual(await mayCall(circuit, 1), false, "while the probe runs");
  await report(circuit, 0, "refused");
  strictEqual((await read(circuit)).circuit_state, "half_open", "nothing is known of the agent");
  strictEqual(await mayCall(circuit, 1), true, "the next probe");
  strictEqual(await mayCall(circuit, 0), false, "while the next one runs");
});

Deno.test("an uncommitted trial call makes others wait, and rolled back it lets a waiting call be the trial", async () => {
  await using database = await openSessions();
  const { sessions: [first] } = database;
  for (const ending of ["commit", "rollback"] as const) {
    const circuit = await openedCircuit(database);
    await moveClock(circuit, 60);

    let second: Promise<boolean> | undefined;
    await first.begin(async (transaction) => {
      strictEqual(await admitted(transaction, circuit.agent), true);
      second = mayCall(circuit, 1);
      await waitForLock(circuit);
      if (ending === "rollback") throw new Error("rolled back");
    }).catch((error) => strictEqual(error.message, "rolled back"));
    strictEqual(await second, ending === "rollback", ending);
  }
});

Deno.test("a healthy agent causes no writes", async () => {
  await using database = await openSessions();
  const circuit = await database.newCircuit();
  const before = await version(circuit);
  for (let call = 0; call < 3; call++) {
    strictEqual(await mayCall(circuit, 0), true);
    await report(circuit, 1, "succeeded");
  }
  strictEqual(await version(circuit), before);
});

// Commands ---------------------------------------------------------------------

type Command = fc.AsyncCommand<BreakerModel, Circuit>;

function command(
  name: string,
  run: (model: BreakerModel, circuit: Circuit) => Promise<void>,
): Command {
  return {
    check: () => true,
    toString: () => name,
    run: async (model, circuit) => {
      await run(model, circuit);
      await isAsModelled(model, circuit);
    },
  };
}

function callOnce(caller: number): Command {
  return command(`caller ${caller} asks`, async (model, circuit) => {
    strictEqual(await mayCall(circuit, caller), admit(model, caller));
  });
}

function raceForAdmission(): Command {
  return command("both ask at once", async (model, circuit) => {
    const answers = await Promise.all([mayCall(circuit, 0), mayCall(circuit, 1)]);
    const [winner, loser] = answers[0] ? [0, 1] : [1, 0];
    const expected = [admit(model, winner), admit(model, loser)];
    deepStrictEqual([answers[winner], answers[loser]], expected);
    // At most one probe, no matter who gets there first.
    if (model.state !== "closed") ok(answers.filter(Boolean).length <= 1);
  });
}

function succeedOnce(caller: number): Command {
  return command(`a call of caller ${caller} succeeds`, async (model, circuit) => {
    await report(circuit, caller, "succeeded");
    succeed(model, caller);
  });
}

function failOnce(caller: number): Command {
  return command(`the latest call of caller ${caller} fails`, async (model, circuit) => {
    await report(circuit, caller, "failed");
    const opened = fail(model, caller);
    if (opened === null) return;
    const { least, most } = opened;
    const { retry_in } = await read(circuit);
    ok(retry_in > least - BLUR && retry_in < most + SLIP, `open for ${retry_in} s`);
    // The model takes over the time that the circuit chose within the bounds.
    model.retryAt = Math.max(model.now + least, model.now + Math.min(retry_in, most));
  });
}

function refuseOnce(caller: number, isLatest: boolean): Command {
  const which = isLatest ? "the latest call" : "an older call";
  return command(`${which} of caller ${caller} is refused`, async (model, circuit) => {
    await report(circuit, caller, "refused", isLatest);
    refuse(model, caller, isLatest);
  });
}

function wait(seconds: number): Command {
  return command(`${seconds} s pass`, (model, circuit) => passTime(model, circuit, seconds));
}

// Checks -----------------------------------------------------------------------

async function isAsModelled(model: BreakerModel, circuit: Circuit): Promise<void> {
  const health = await read(circuit);
  const { state, failures, opens } = model;
  deepStrictEqual(
    {
      state: health.circuit_state,
      failures: health.consecutive_failures,
      opens: health.circuit_opens,
    },
    { state, failures, opens },
  );
  if (state !== "closed") ok(Math.abs(health.retry_in - (model.retryAt - model.now)) < BLUR);
}

/**
 * In any state, the circuit admits a call within five and a half minutes, and one success closes
 * it.
 */
async function endsWell(model: BreakerModel, circuit: Circuit): Promise<void> {
  await passTime(model, circuit, 335);
  strictEqual(await mayCall(circuit, 1), true, "no one may ever try again");
  admit(model, 1);
  await report(circuit, 1, "succeeded");
  succeed(model, 1);
  await isAsModelled(model, circuit);
  // A single unread notification counts occurrences; alarms and recoveries alternate, and a
  // recovery is the last.
  const told = await circuit.sessions[0]<{ type: string; occurrences: number }[]>`
    select type, occurrences from public.notifications
    where data ->> 'agent_id' = ${circuit.agent}`;
  strictEqual(model.alarms, model.recoveries);
  deepStrictEqual(
    told.map((row) => ({ ...row })),
    model.alarms === 0
      ? []
      : [{ type: "agent_recovered", occurrences: model.alarms + model.recoveries }],
  );
}

// The circuit in SQL -------------------------------------------------------------

interface Circuits extends AsyncDisposable {
  sessions: Sessions;
  newCircuit: () => Promise<Circuit>;
}

async function openSessions(): Promise<Circuits> {
  const people = await Promise.all([signUp("alice"), signUp("bob")]);
  const open = () => postgres(stack.DB_URL, { max: 1, onnotice: () => {} });
  const sessions: Sessions = [open(), open()];
  const [sql] = sessions;
  const agents: string[] = [];
  return {
    sessions,
    async newCircuit() {
      const [agent] = await sql<{ id: string }[]>`
        insert into public.agents (name, created_by) values ('A circuit', ${people[0].id})
        returning id`;
      ok(agent);
      agents.push(agent.id);
      const turns = [];
      for (const { id } of people) {
        const [turn] = await sql<{ id: string }[]>`
          insert into public.ai_interactions (user_id, organization_id, agent_id, title)
          select ${id}, members.organization_id, ${agent.id}, 'Calls'
          from public.organization_members members where members.user_id = ${id}
          returning id`;
        ok(turn);
        turns.push(turn.id);
      }
      return { agent: agent.id, turns, sessions };
    },
    async [Symbol.asyncDispose]() {
      await sql`delete from public.ai_interactions where agent_id = any (${agents})`;
      await sql`delete from public.agents where id = any (${agents})`;
      await Promise.all(sessions.map((session) => session.end()));
    },
  };
}

/** A circuit that failures of both callers have opened. */
async function openedCircuit({ newCircuit }: Circuits): Promise<Circuit> {
  const circuit = await newCircuit();
  // The first failures are of one caller only, and do not count.
  for (let call = 0; call < 6; call++) await report(circuit, call % 2, "failed");
  return circuit;
}

/** Asks for admission like a turn, whose row is inserted in the same transaction. */
async function mayCall({ sessions, agent, turns }: Circuit, caller: number): Promise<boolean> {
  return await sessionOf(sessions, caller).begin(async (transaction) => {
    const isAdmitted = await admitted(transaction, agent);
    if (isAdmitted) {
      await transaction`
        update public.ai_interactions set started_at = now() where id = ${turns[caller] ?? ""}`;
    }
    return isAdmitted;
  });
}

async function admitted(sql: postgres.TransactionSql, agent: string): Promise<boolean> {
  await sql`set local role service_role`;
  const [row] = await sql`select private.admit_to_circuit(${agent}) is null as admitted`;
  return row?.admitted === true;
}

/**
 * Reports a call like the settlement of a turn: its execution first.
 *
 * @param ending `refused` is a failure through no fault of the agent. @param isLatest Whether it is
 * the caller's latest admitted call, or an older one.
 */
async function report(
  { agent, turns, sessions }: Circuit,
  caller: number,
  ending: "succeeded" | "failed" | "refused",
  isLatest = true,
): Promise<void> {
  const status = ending === "succeeded" ? "succeeded" : "failed";
  await sessionOf(sessions, caller).begin(async (sql) => {
    await sql`set local role service_role`;
    const [turn] = await sql<{ id: string }[]>`
      insert into public.ai_interactions (user_id, organization_id, agent_id, title, started_at)
      select user_id, organization_id, agent_id, title,
        started_at - make_interval(secs => ${isLatest ? 0 : 1})
      from public.ai_interactions where id = ${turns[caller] ?? ""}
      returning id`;
    ok(turn);
    await sql`
      insert into public.agent_executions (interaction_id, agent_id, attempt, status, counts_against_agent)
      values (${turn.id}, ${agent}, 1, ${status}, ${ending === "failed"})`;
    await sql`
      select private.report_to_circuits(turns) from public.ai_interactions turns
      where turns.id = ${turn.id}`;
  });
}

/** Lets time pass, and a little more if a decision would otherwise depend on the exact moment. */
async function passTime(model: BreakerModel, circuit: Circuit, seconds: number): Promise<void> {
  const limits = () => [
    model.retryAt,
    model.openedAt + 600,
    ...model.calls.map(({ at }) => at + 60),
    ...model.calls.filter(({ failed }) => failed).map(({ at }) => at + 600),
  ];
  const from = model.now;
  model.now += seconds;
  while (limits().some((limit) => Math.abs(limit - model.now) < BLUR)) model.now += BLUR;
  await moveClock(circuit, model.now - from);
}

/** Moves all times into the past, which is the same as advancing the clock. */
async function moveClock(
  { agent, turns, sessions: [sql] }: Circuit,
  seconds: number,
): Promise<void> {
  await sql`
    update public.ai_interactions
    set started_at = started_at - make_interval(secs => ${seconds}) where id = any (${turns})`;
  await sql`
    update public.agent_health
    set circuit_retry_at = circuit_retry_at - make_interval(secs => ${seconds}),
        circuit_opened_at = circuit_opened_at - make_interval(secs => ${seconds})
    where agent_id = ${agent}`;
  await sql`
    update public.agent_executions
    set started_at = started_at - make_interval(secs => ${seconds})
    where agent_id = ${agent}`;
}

interface Health {
  circuit_state: string;
  consecutive_failures: number;
  circuit_opens: number;
  retry_in: number;
}

async function read({ agent, sessions: [sql] }: Circuit): Promise<Health> {
  const [health] = await sql<Health[]>`
    select circuit_state, consecutive_failures, circuit_opens,
      coalesce(extract(epoch from circuit_retry_at - clock_timestamp())::float8, 0) as retry_in
    from public.agent_health where agent_id = ${agent}`;
  ok(health);
  return health;
}

/** A value that changes whenever the row is written. */
async function version({ agent, sessions: [sql] }: Circuit): Promise<string> {
  const [row] =
    await sql`select xmin::text as version from public.agent_health where agent_id = ${agent}`;
  return String(row?.version);
}

/** Waits until another session waits for the circuit's row. */
async function waitForLock({ agent }: Circuit): Promise<void> {
  await using watcher = openWatcher();
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const [row] = await watcher.sql`
      select count(*)::int as waiting from pg_stat_activity
      where wait_event_type = 'Lock' and query like '%admit_to_circuit%'`;
    if (row?.waiting > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Cannot see anybody wait for the circuit of agent "${agent}"`);
}

function openWatcher(): { sql: postgres.Sql } & AsyncDisposable {
  const sql = postgres(stack.DB_URL, { max: 1, onnotice: () => {} });
  return { sql, [Symbol.asyncDispose]: () => sql.end() };
}

function sessionOf(sessions: Sessions, caller: number): postgres.Sql {
  return caller === 0 ? sessions[0] : sessions[1];
}
