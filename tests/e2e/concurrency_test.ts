import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import postgres from "postgres";
import { z } from "zod";
import { stack } from "./support/stack.ts";

/** Connections that work at the same time. */
const CONNECTIONS = 10;
/** What an encrypted column takes. */
const ciphertext = `v1:k1:${"A".repeat(16)}:${"A".repeat(24)}`;
/** Rounds of the races whose window is short. */
const ROUNDS = 100;

const turnSchema = z.object({ turn_id: z.uuid(), session_id: z.string() });
type Turn = z.infer<typeof turnSchema>;

type Work = (sql: postgres.TransactionSql) => Promise<unknown>;
type Call = () => Promise<unknown>;

/** Connections, people and an organization of one test; nothing of them stays. */
interface Scene extends AsyncDisposable {
  sql: postgres.Sql;
  /** Name of its connections, to tell them from others'. */
  name: string;
  /** The owner of `organization`. */
  owner: string;
  /** The owner's personal organization, which pays for the owner's turns. */
  personal: string;
  /** A shared organization without other members. */
  organization: string;
  /** Makes a person. Returns the id. */
  addPerson(): Promise<string>;
  /** Makes an agent of the owner that can be chatted with. Returns the id. */
  addAgent(): Promise<string>;
  /** Begins a turn of the owner's. */
  begin(request: Record<string, unknown>): Promise<Turn>;
  settle(turn: Turn, outcome: Record<string, unknown>): Promise<unknown>;
}

async function openScene(): Promise<Scene> {
  const name = `race-${crypto.randomUUID()}`;
  const sql = postgres(stack.DB_URL, {
    max: CONNECTIONS,
    onnotice: () => {},
    connection: { application_name: name },
  });
  const people: string[] = [];
  const addPerson = async () => {
    const id = crypto.randomUUID();
    await sql`insert into auth.users (id, email) values (${id}, ${`${id}@example.com`})`;
    people.push(id);
    return id;
  };
  const owner = await addPerson();
  const organization = await addOrganization(sql, owner);
  const [home] = await sql<{ personal: string }[]>`
    select current_organization_id as personal from public.profiles where id = ${owner}`;
  if (home === undefined) throw new Error("Cannot find the owner's organization");
  const { personal } = home;

  // Opened beforehand: connections that are still opening would not race.
  const lanes = await Promise.all(Array.from({ length: CONNECTIONS }, () => sql.reserve()));
  lanes.forEach((lane) => lane.release());

  return {
    sql,
    name,
    owner,
    personal,
    organization,
    addPerson,
    async addAgent() {
      const id = crypto.randomUUID();
      await sql`
        insert into public.agents (id, name, created_by, vendor_id, model_name)
        values (${id}, ${id}, ${owner}, 'openai', 'gpt-4o')`;
      await sql`
        insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
        values (${owner}, 'openai', ${`v1:k1:${"A".repeat(16)}:${"A".repeat(24)}`}, 'abcd')`;
      return id;
    },
    async begin(request) {
      const messages = [{ role: "user", content: "hello" }];
      const full = { request_id: crypto.randomUUID(), model: "droid/gpt-4o", messages, ...request };
      const [row] = await sql`
        select public.begin_chat_turn(${sql.json({ user_id: owner })}, ${sql.json(full)}) as turn`;
      return turnSchema.parse(row?.turn);
    },
    async settle(turn, outcome) {
      // SAFETY: an outcome is built from literals in this file, all of them JSON.
      const json = sql.json(outcome as postgres.JSONValue);
      const [row] = await sql`select public.settle_chat_turn(${turn.turn_id}, ${json}) as settled`;
      return z.object({ settled: z.boolean() }).parse(row?.settled).settled;
    },
    async [Symbol.asyncDispose]() {
      await sql`delete from public.organizations where created_by = any (${people}) and not is_personal`;
      await sql`delete from auth.users where id = any (${people})`;
      await sql.end();
    },
  };
}

async function addOrganization(sql: postgres.Sql, owner: string): Promise<string> {
  const id = crypto.randomUUID();
  await sql`
    insert into public.organizations (id, name, slug, created_by)
    values (${id}, 'Race', ${`race-${id}`}, ${owner})`;
  return id;
}

/** Runs work as a signed-in person, in a transaction, as the Data API does. */
function as(sql: postgres.Sql, person: string, work: Work): Promise<unknown> {
  return sql.begin(async (transaction) => {
    const claims = JSON.stringify({ sub: person, role: "authenticated" });
    await transaction`
      select set_config('request.jwt.claims', ${claims}, true), set_config('role', 'authenticated', true)`;
    return await work(transaction);
  });
}

/** Makes the calls, as many at once as there are connections, and counts how they ended: "done", or the SQLSTATE. */
async function race(calls: Call[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const queue = [...calls];
  const lane = async () => {
    for (let call = queue.shift(); call !== undefined; call = queue.shift()) {
      const end = await endOf(call());
      counts[end] = (counts[end] ?? 0) + 1;
    }
  };
  await Promise.all(times(CONNECTIONS, lane));
  return counts;
}

async function endOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "done";
  } catch (error) {
    return stateOf(error);
  }
}

function stateOf(error: unknown): string {
  if (error instanceof postgres.PostgresError) return error.code;
  throw error;
}

function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The list in one of two directions, beginning anywhere: two statements that take rows in such orders may meet. */
function inSomeOrder<Value>(list: Value[], index: number): Value[] {
  const turned = index % 2 === 0 ? list : list.toReversed();
  const start = index % list.length;
  return [...turned.slice(start), ...turned.slice(0, start)];
}

/** Waits until so many of the scene's connections wait for a lock. */
async function untilBlocked({ sql, name }: Scene, waiting: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::integer as count from pg_stat_activity
      where application_name = ${name} and wait_event_type = 'Lock'`;
    if (row !== undefined && row.count >= waiting) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`Cannot see ${waiting} connections that wait for a lock`);
}

Deno.test("the messages of concurrent writers are all counted", async () => {
  await using scene = await openScene();
  const { sql, owner, organization } = scene;
  const sessions = await sql<{ id: string }[]>`
    insert into public.chat_sessions (user_id, org_id)
    select ${owner}, ${organization} from generate_series(1, 3) returning id`;
  const ids = sessions.map(({ id }) => id);

  // Every statement writes to all three, each in an order of its own.
  const ends = await race(times(CONNECTIONS * 20, (index) => () => {
    const order = inSomeOrder(ids, index);
    return sql`
      insert into public.chat_messages (session_id, role, content)
      select session_id, 'user', ${`${index}`} from unnest(${order}::uuid[]) as session_id`;
  }));
  deepStrictEqual(ends, { done: CONNECTIONS * 20 });

  await race(
    times(
      CONNECTIONS,
      (index) => () =>
        sql`delete from public.chat_messages where content = ${`${index}`} and session_id = any (${ids})`,
    ),
  );
  const counted = await sql`
    select message_count, (select count(*)::integer from public.chat_messages where session_id = sessions.id) as rows
    from public.chat_sessions sessions where id = any (${ids})`;
  const expected = CONNECTIONS * 20 - CONNECTIONS;
  deepStrictEqual(
    counted.map((row) => ({ ...row })),
    times(3, () => ({ message_count: expected, rows: expected })),
  );
});

Deno.test("the uses of an agent by concurrent callers are all counted", async () => {
  await using scene = await openScene();
  const { sql, owner, organization } = scene;
  const agents = [await scene.addAgent(), await scene.addAgent(), await scene.addAgent()];

  const ends = await race(times(CONNECTIONS * 20, (index) => () => {
    const order = inSomeOrder(agents, index);
    return sql`
      insert into public.ai_interactions (organization_id, user_id, agent_id, title)
      select ${organization}, ${owner}, agent_id, ${`${index}`} from unnest(${order}::uuid[]) as agent_id`;
  }));
  deepStrictEqual(ends, { done: CONNECTIONS * 20 });
  await race(
    times(
      CONNECTIONS,
      (index) => () =>
        sql`delete from public.ai_interactions where title = ${`${index}`} and user_id = ${owner}`,
    ),
  );

  const counted = await sql`
    select usage_count::integer as uses, latest - last_used_at between '0' and interval '1 minute' as is_latest
    from public.agents,
    lateral (select max(started_at) as latest from public.ai_interactions where agent_id = agents.id) ledger
    where id = any (${agents})`;
  const uses = CONNECTIONS * 20 - CONNECTIONS;
  deepStrictEqual(counted.map((row) => row.uses), [uses, uses, uses]);
  ok(counted.every((row) => row.is_latest), "last_used_at is the latest start, to a minute");
});

Deno.test("executions of workflows are all counted while they are updated concurrently", async () => {
  await using scene = await openScene();
  const { sql } = scene;
  const agent = await scene.addAgent();
  const workflows = await sql<{ id: string }[]>`
    insert into public.workflows (agent_id, name) select ${agent}, 'w' from generate_series(1, 3) returning id`;
  const ids = workflows.map(({ id }) => id);
  await sql`
    insert into public.workflow_executions (workflow_id, execution_id, status)
    select id, n, 'running' from unnest(${ids}::uuid[]) as id, generate_series(1, 60) as n`;

  const ends = await race(times(60, (index) => () => {
    const order = inSomeOrder(ids, index);
    const name = `${index + 1}`;
    if (index % 3 === 0) {
      return sql`
        update public.workflow_executions set status = ${index % 2 === 0 ? "success" : "error"}
        where execution_id = ${name} and workflow_id = any (${ids})`;
    }
    if (index % 3 === 1) {
      return sql`delete from public.workflow_executions where execution_id = ${name} and workflow_id = any (${ids})`;
    }
    return sql`
      insert into public.workflow_executions (workflow_id, status)
      select workflow_id, 'success' from unnest(${order}::uuid[]) as workflow_id`;
  }));
  deepStrictEqual(ends, { done: 60 });

  const counted = await sql`
    select
      execution_count, success_count, error_count,
      (select count(*)::integer from public.workflow_executions where workflow_id = workflows.id) as executions,
      (select count(*)::integer from public.workflow_executions where workflow_id = workflows.id and status = 'success') as successes,
      (select count(*)::integer from public.workflow_executions where workflow_id = workflows.id and status = 'error') as errors
    from public.workflows where id = any (${ids})`;
  for (const row of counted) {
    deepStrictEqual(
      [row.execution_count, row.success_count, row.error_count],
      [row.executions, row.successes, row.errors],
    );
    deepStrictEqual([row.executions, row.successes, row.errors], [60, 30, 10]);
  }
});

Deno.test("simultaneous failures of a workflow cause one notification", async () => {
  await using scene = await openScene();
  const { sql, owner, personal } = scene;
  const agent = await scene.addAgent();
  const [endpoint] = await sql<{ id: string }[]>`
    insert into public.webhook_endpoints (organization_id, name, url_preview, encrypted_url)
    values (${personal}, 'Hook', 'https://one.example', ${ciphertext}) returning id`;
  await sql`
    insert into public.notification_settings (user_id, webhook_endpoint_id)
    values (${owner}, ${endpoint?.id ?? null})`;
  const workflows = await sql<{ id: string }[]>`
    insert into public.workflows (agent_id, name) select ${agent}, 'w' from generate_series(1, 5) returning id`;

  const ends = await race(times(100, (index) => () =>
    sql`
      insert into public.workflow_executions (workflow_id, status)
      values (${workflows[index % 5]?.id ?? ""}, 'error')`));
  deepStrictEqual(ends, { done: 100 });

  const rows = await sql`
    select notifications.occurrences from public.notifications
    where user_id = ${owner} and type = 'workflow_error'`;
  deepStrictEqual(rows.map(({ occurrences }) => occurrences), [20, 20, 20, 20, 20]);
  const sent = await sql`
    select id from public.webhook_deliveries where endpoint_id = ${endpoint?.id ?? null}`;
  strictEqual(sent.length, 5, "once for each workflow");
});

Deno.test("of two owners who leave at once, one stays", async () => {
  await using scene = await openScene();
  const { sql, owner } = scene;
  const other = await scene.addPerson();

  for (let round = 0; round < ROUNDS; round++) {
    const organization = await addOrganization(sql, owner);
    await sql`
      insert into public.organization_members (organization_id, user_id, role)
      values (${organization}, ${other}, 'owner')`;
    const ends = await race([
      () =>
        as(sql, owner, (transaction) =>
          transaction`
            delete from public.organization_members
            where organization_id = ${organization} and user_id = ${owner}`),
      () =>
        as(sql, other, (transaction) =>
          round % 2 === 0
            ? transaction`
              delete from public.organization_members
              where organization_id = ${organization} and user_id = ${other}`
            : transaction`
              update public.organization_members set role = 'viewer'
              where organization_id = ${organization} and user_id = ${other}`),
    ]);
    deepStrictEqual(ends, { done: 1, PT409: 1 }, `round ${round}`);
    const owners = await sql`
      select user_id from public.organization_members
      where organization_id = ${organization} and role = 'owner'`;
    strictEqual(owners.length, 1, `round ${round}`);
  }
});

Deno.test("an invitation that is accepted ten times at once creates one member", async () => {
  await using scene = await openScene();
  const { sql, owner, organization } = scene;
  const invited = await scene.addPerson();
  const [row] = await sql.begin(async (transaction) => {
    await transaction`select set_config('request.jwt.claims', ${
      JSON.stringify({ sub: owner })
    }, true)`;
    return await transaction<{ token: string }[]>`
      select public.invite_member(${organization}, ${`${invited}@example.com`}, 'member') as token`;
  });
  if (row === undefined) throw new Error("Cannot invite");

  const ends = await race(
    times(
      CONNECTIONS,
      () => () =>
        as(
          sql,
          invited,
          (transaction) => transaction`select public.accept_invitation(${row.token})`,
        ),
    ),
  );
  deepStrictEqual(ends, { done: 1, PT410: CONNECTIONS - 1 });

  const members = await sql`
    select role from public.organization_members where organization_id = ${organization} and user_id = ${invited}`;
  deepStrictEqual(members.map(({ role }) => role), ["member"]);
});

Deno.test("of ten requests on one session at once, one is answered", async () => {
  await using scene = await openScene();
  let turn = await scene.begin({});
  for (let round = 0; round < 10; round++) {
    // Every second time the turn before was abandoned, and one of the ten has to take it over.
    if (round % 2 === 0) await scene.settle(turn, { state: "succeeded", content: "hi" });
    else {
      await scene.sql`
        update private.running_turns set lease_expires_at = now() - interval '1 second' where id = ${turn.turn_id}`;
    }
    const session = turn.session_id;
    const begun: Turn[] = [];
    const ends = await race(times(CONNECTIONS, () => async () => {
      begun.push(await scene.begin({ session_id: session }));
    }));
    deepStrictEqual(ends, { done: 1, PT409: CONNECTIONS - 1 }, `round ${round}`);
    const [next] = begun;
    if (next === undefined) throw new Error("Cannot find the turn that was begun");
    turn = next;
  }
  const running = await scene.sql`
    select id from private.running_turns where user_id = ${scene.owner}`;
  deepStrictEqual(running.map(({ id }) => id), [turn.turn_id]);
});

Deno.test("a turn that is settled and swept concurrently is settled once", async () => {
  await using scene = await openScene();
  const { sql, owner, personal } = scene;
  await sql`
    insert into public.budgets (organization_id, user_id, period, limit_usd)
    values (${personal}, null, 'total', 100), (${personal}, ${owner}, 'day', 100)`;

  for (let round = 0; round < 30; round++) {
    const turn = await scene.begin({});
    await sql`
      update private.running_turns set lease_expires_at = now() - interval '1 second' where id = ${turn.turn_id}`;
    const settled: unknown[] = [];
    const outcome = {
      state: "succeeded",
      content: "hi",
      usage: { input_tokens: 1000, output_tokens: 100 },
      attempts: [{ attempt: 1, status: "succeeded", started_at: new Date().toISOString() }],
    };
    const ends = await race([
      ...times(5, () => async () => void settled.push(await scene.settle(turn, outcome))),
      ...times(3, () => () => sql`select public.sweep_chat_turns()`),
    ]);
    deepStrictEqual(ends, { done: 8 }, `round ${round}`);

    const [row] = await sql`
      select turn_state,
        (select count(*)::integer from public.agent_executions where interaction_id = turns.id) as executions,
        (select count(*)::integer from public.chat_messages where interaction_id = turns.id and role = 'assistant') as answers
      from public.ai_interactions turns where id = ${turn.turn_id}`;
    const won = settled.filter((value) => value === true).length;
    deepStrictEqual({ ...row }, {
      turn_state: won === 1 ? "succeeded" : "failed",
      executions: won,
      answers: won,
    }, `round ${round}`);
    ok(won <= 1, `round ${round}: ${won} calls said that they had settled it`);
  }

  const budgets = await sql`
    select spent_usd = (select sum(total_cost) from public.ai_interactions where user_id = ${owner}) as is_exact,
      reserved_usd::text as reserved
    from public.budgets where organization_id = ${personal}`;
  deepStrictEqual(
    budgets.map((budget) => ({ ...budget })),
    times(2, () => ({ is_exact: true, reserved: "0.0000000000" })),
  );
});

Deno.test("a day that is counted many times at once is counted once", async () => {
  await using scene = await openScene();
  const { sql, owner, organization } = scene;
  const agent = await scene.addAgent();
  const day = "1999-02-03";
  await sql`
    insert into public.ai_interactions (
      organization_id, user_id, agent_id, title, source, turn_state, started_at, total_cost
    )
    select ${organization}, ${owner}, ${agent}, n, 'chat', 'succeeded', ${`${day}T12:00:00Z`}, 0.1
    from generate_series(1, 50) as n`;

  const ends = await race(
    times(CONNECTIONS * 2, () => () => sql`select public.update_daily_usage_stats(${day})`),
  );
  deepStrictEqual(ends, { done: CONNECTIONS * 2 });

  const people = await sql`
    select total_interactions, total_cost::text as cost, recorded_cost from public.ai_usage_stats
    where user_id = ${owner}`;
  deepStrictEqual(people.map((row) => ({ ...row })), [{
    total_interactions: 50,
    cost: "5.0000000000",
    recorded_cost: "0",
  }]);
  const agents = await sql`
    select total_interactions, unique_users from public.agent_usage_daily where agent_id = ${agent}`;
  deepStrictEqual(agents.map((row) => ({ ...row })), [{ total_interactions: 50, unique_users: 1 }]);
});

Deno.test("a request that is repeated ten times at once runs once", async () => {
  await using scene = await openScene();
  const request = { idempotency_key: crypto.randomUUID(), fingerprint: "f" };
  const ends = await race(times(CONNECTIONS, () => () => scene.begin(request)));
  deepStrictEqual(ends, { done: 1, PT409: CONNECTIONS - 1 });
  const turns = await scene
    .sql`select id from private.running_turns where user_id = ${scene.owner}`;
  strictEqual(turns.length, 1);
  const sessions = await scene
    .sql`select id from public.chat_sessions where user_id = ${scene.owner}`;
  strictEqual(sessions.length, 1);
});

Deno.test("a key that its owner stores ten times at once is stored once", async () => {
  await using scene = await openScene();
  const { sql, owner } = scene;
  for (let round = 0; round < 10; round++) {
    const fingerprint = round.toString(16).repeat(64);
    const store = () => {
      const key = {
        id: crypto.randomUUID(),
        vendor_id: "openai",
        encrypted_key: `v1:k1:${"A".repeat(16)}:${"A".repeat(24)}`,
        key_preview: "abcd",
        fingerprints: [fingerprint],
      };
      return sql`select public.create_api_key(${sql.json({ user_id: owner })}, ${sql.json(key)})`;
    };
    const ends = await race(times(CONNECTIONS, () => store));
    deepStrictEqual(ends, { done: 1, PT409: CONNECTIONS - 1 }, `round ${round}`);
  }
});

Deno.test("of forty calls at once, as many pass as the rate limit allows", async () => {
  await using scene = await openScene();
  const { sql } = scene;
  const key = `test:${crypto.randomUUID()}`;
  try {
    const ends = await race(times(40, () => () => sql`select private.take_rate_limit(${key}, 15)`));
    deepStrictEqual(ends, { done: 15, PT429: 25 });
  } finally {
    await sql`delete from private.rate_limits where key = ${key}`;
  }
});

Deno.test("of ten calls at once, one is the trial call of an open circuit", async () => {
  await using scene = await openScene();
  const { sql } = scene;
  const agent = await scene.addAgent();
  for (let round = 0; round < 10; round++) {
    await sql`
      update public.agent_health
      set circuit_state = 'open', circuit_opened_at = now(), circuit_retry_at = now() where agent_id = ${agent}`;
    const ends = await race(times(CONNECTIONS, () => () => scene.begin({ model: agent })));
    deepStrictEqual(ends, { done: 1, PT503: CONNECTIONS - 1 }, `round ${round}`);
  }
});

Deno.test("a reused connection does not keep the identity of its last caller", async () => {
  await using scene = await openScene();
  const { sql, owner } = scene;
  const connection = await sql.reserve();
  try {
    await connection`select public.list_chat_models(${sql.json({ user_id: owner })})`;
    const [row] = await connection`
      select coalesce(current_setting('request.jwt.claims', true), '') as claims,
        coalesce(current_setting('request.jwt.claim.sub', true), '') as sub`;
    deepStrictEqual({ ...row }, { claims: "", sub: "" });
  } finally {
    connection.release();
  }
});

Deno.test("of concurrent requests for due tokens at most one refreshes them, and none refreshes replaced ones", async () => {
  await using scene = await openScene();
  const { sql, owner } = scene;
  const tokens = (letter: string) => `v1:k1:${letter.repeat(16)}:${letter.repeat(24)}`;
  const takenSchema = z.object({ state: z.string(), ciphertext: z.string().optional() });
  const take = async () => {
    const [row] = await sql`
      select public.take_oauth_token(${
      sql.json({ user_id: owner })
    }, 'google', gen_random_uuid()) as taken`;
    return takenSchema.parse(row?.taken);
  };
  await sql`
    insert into public.mcp_sessions (user_id, oauth_provider, oauth_status, oauth_refreshable, oauth_data)
    values (${owner}, 'google', 'connected', true, ${sql.json({ ciphertext: tokens("A") })})`;

  for (const isReplaced of [false, true]) {
    // Last used ten days ago, so that anyone who takes them records that they are used.
    await sql`
      update public.mcp_sessions
      set oauth_expires_at = clock_timestamp() + interval '61 seconds', oauth_lease = null, oauth_lease_until = null,
        expires_at = now() + interval '80 days'
      where user_id = ${owner}`;
    const first = await sql.reserve();
    await first`begin`;
    await first`select from public.mcp_sessions where user_id = ${owner} for no key update`;
    const taking = Promise.all(times(3, take));
    await untilBlocked(scene, 3);
    if (isReplaced) {
      await first`
        update public.mcp_sessions
        set oauth_expires_at = clock_timestamp() + interval '30 seconds', oauth_data = ${
        sql.json({ ciphertext: tokens("B") })
      }
        where user_id = ${owner}`;
    } else {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    await first`commit`;
    first.release();

    const taken = await taking;
    const claimed = taken.filter(({ state }) => state === "claimed").length;
    ok(claimed <= 1, `${claimed} refresh`);
    const given = new Set(taken.flatMap(({ ciphertext }) => ciphertext ?? []));
    deepStrictEqual([...given], [tokens(isReplaced ? "B" : "A")]);
  }
});

Deno.test("concurrent changes of an agent through a compatibility view do not undo each other", async () => {
  await using scene = await openScene();
  const { sql } = scene;
  const agent = await scene.addAgent();
  const first = await sql.reserve();
  await first`begin`;
  await first`update public.ai_agents set description = 'first' where id = ${agent}`;
  const second = sql`update public.ai_agents set notes = 'second' where id = ${agent}`.execute();
  await untilBlocked(scene, 1);
  await first`commit`;
  first.release();
  await second;

  const [row] = await sql`select description, notes from public.agents where id = ${agent}`;
  deepStrictEqual({ ...row }, { description: "first", notes: "second" });
});

// What follows are orders of events in which locks that are taken in two orders deadlock; each did
// once. A gate holds a lock until every call waits, there or for another one, or is done.

async function meetAtGate(scene: Scene, close: Work, calls: Call[]): Promise<string[]> {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const { promise: closed, resolve: isClosed } = Promise.withResolvers<void>();
  const gate = scene.sql.begin(async (transaction) => {
    await close(transaction);
    isClosed();
    await opened;
  });
  await Promise.race([closed, gate]);
  const ends: Promise<string>[] = [];
  try {
    for (const call of calls) {
      const end = endOf(call());
      ends.push(end);
      await Promise.race([end, untilBlocked(scene, ends.length)]);
    }
  } finally {
    open();
    await gate;
  }
  return await Promise.all(ends);
}

async function limitSpending({ sql, personal }: Scene): Promise<void> {
  await sql`
    insert into public.budgets (organization_id, period, limit_usd) values (${personal}, 'total', 100)`;
}

async function abandon({ sql }: Scene, { turn_id }: Turn, secondsAgo: number): Promise<void> {
  await sql`
    update private.running_turns set lease_expires_at = now() - ${secondsAgo} * interval '1 second'
    where id = ${turn_id}`;
}

/** An outcome that counts as a failure of each of the agents. */
function failureOf(agents: string[]): Record<string, unknown> {
  const started_at = new Date().toISOString();
  const attempts = agents.map((agent_id, index) => {
    return {
      attempt: index + 1,
      agent_id,
      status: "failed",
      counts_against_agent: true,
      started_at,
    };
  });
  return { state: "failed", attempts };
}

Deno.test("taking over an abandoned turn does not deadlock with a new turn", async () => {
  await using scene = await openScene();
  const agent = await scene.addAgent();
  await limitSpending(scene);
  const abandoned = await scene.begin({ model: agent });
  await abandon(scene, abandoned, 1);

  const ends = await meetAtGate(
    scene,
    (sql) =>
      sql`select from public.budgets where organization_id = ${scene.personal} for no key update`,
    [
      () => scene.begin({ model: agent }),
      () => scene.begin({ model: agent, session_id: abandoned.session_id }),
    ],
  );
  deepStrictEqual(ends, ["done", "done"]);
});

Deno.test("a sweep does not deadlock with a late settlement", async () => {
  await using scene = await openScene();
  const agent = await scene.addAgent();
  await limitSpending(scene);
  const [lost, late] = [await scene.begin({ model: agent }), await scene.begin({ model: agent })];
  await abandon(scene, lost, 2);
  await abandon(scene, late, 1);

  const ends = await meetAtGate(
    scene,
    (sql) => sql`select from public.agent_health where agent_id = ${agent} for no key update`,
    [
      () => scene.settle(late, failureOf([agent])),
      () => scene.sql`select public.sweep_chat_turns()`.execute(),
    ],
  );
  deepStrictEqual(ends, ["done", "done"]);
});

Deno.test("the trial call of an open circuit does not deadlock with a failure that is reported", async () => {
  await using scene = await openScene();
  const [first, second] = [await scene.addAgent(), await scene.addAgent()].toSorted();
  if (first === undefined || second === undefined) throw new Error("Cannot make two agents");
  await limitSpending(scene);
  const failing = await scene.begin({ model: first });
  const abandoned = await scene.begin({ model: first });
  await abandon(scene, abandoned, 1);
  await scene.sql`
    update public.agent_health
    set circuit_state = 'open', circuit_opened_at = now(), circuit_retry_at = now() where agent_id = ${first}`;

  // The failure has the first agent's circuit and waits for the second's; what takes the abandoned
  // turn over has the budgets and wants the first agent's circuit.
  const ends = await meetAtGate(
    scene,
    (sql) => sql`select from public.agent_health where agent_id = ${second} for no key update`,
    [
      () => scene.settle(failing, failureOf([first, second])),
      () => scene.begin({ model: first, session_id: abandoned.session_id }),
    ],
  );
  strictEqual(ends[0], "done");
  ok(["done", "PT503"].includes(ends[1] ?? ""), `the try ended in ${ends[1]}`);
});
