import { deepEqual, equal, ok } from "node:assert/strict";
import postgres from "postgres";
import { applyMigrations } from "../../scripts/stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../scripts/stack/postgres/temporary-database.ts";

/**
 * Eve writes what she may, as quickly as she can and in many organizations, all of it such that it is
 * due, and due before everyone else's. Alice has one thing due of each kind. Every job runs
 * in the meantime, as a scheduler runs it.
 */

const alice = "00000000-0000-4000-8000-0000000000a1";
const eve = "00000000-0000-4000-8000-0000000000e1";

/** How long eve goes on writing, in milliseconds; until each kind below has got through at least. */
const writingTime = 12_000;

/** Her rounds on a machine so slow that her statements time out. */
const mostRounds = 50;

/** What of hers is let through. */
const letThrough = ["organization", "days", "some words", "notifications", "time zone"];

/** Rows in one request of hers. */
const many = 1_000;

interface World extends AsyncDisposable {
  admin: postgres.Sql;
  scheduler: postgres.Sql;
  client: postgres.Sql;
}

async function startWorld(): Promise<World> {
  const database = await startTemporaryDatabase();
  await applyMigrations({ url: database.url });
  const connect = (url: string) => postgres(url, { max: 1, onnotice: () => {} });
  const admin = connect(database.adminUrl);
  const scheduler = connect(database.url);
  const client = connect(database.url);
  for (const id of [alice, eve]) {
    await admin`insert into auth.users (id, email) values (${id}, ${id + "@example.com"})`;
  }
  return {
    admin,
    scheduler,
    client,
    async [Symbol.asyncDispose]() {
      for (const session of [admin, scheduler, client]) await session.end();
      await database.stop();
    },
  };
}

/** What the Data API does for eve: a transaction of her own, in which a refusal ends. */
async function asEve(
  client: postgres.Sql,
  write: (transaction: postgres.TransactionSql) => Promise<unknown>,
): Promise<boolean> {
  const claims = JSON.stringify({ sub: eve, role: "authenticated" });
  try {
    await client.begin(async (transaction) => {
      await transaction`
        select set_config('request.jwt.claims', ${claims}, true), set_config('role', 'authenticated', true),
          set_config('statement_timeout', '8s', true)`;
      await write(transaction);
    });
    return true;
  } catch {
    return false;
  }
}

/** Eve's organizations, as many as she is let have. */
async function gatherOrganizations(client: postgres.Sql): Promise<string[]> {
  for (let n = 0; n < 60; n++) {
    const isLet = await asEve(client, (transaction) =>
      transaction`
      insert into public.organizations (name, slug, created_by) values ('Eve''s', ${
        "eve-" + n
      }, ${eve})`);
    if (!isLet) break;
  }
  const rows = await client<{ id: string }[]>`
    select id from public.organizations where created_by = ${eve} order by id`;
  return rows.map(({ id }) => id);
}

/** Writes until its time has ended; says how many of its requests were let through, by what they wrote. */
async function writeHostileRows(
  client: postgres.Sql,
  organizations: readonly string[],
): Promise<Map<string, number>> {
  const written = new Map<string, number>();
  const attempt = async (
    what: string,
    write: (transaction: postgres.TransactionSql) => Promise<unknown>,
  ) => {
    if (await asEve(client, write)) written.set(what, (written.get(what) ?? 0) + 1);
  };
  const [platform] = await client<[{ id: string }]>`
    select id from public.agents where created_by is null and organization_id is null order by name limit 1`;
  const agent = platform.id;
  const end = Date.now() + writingTime;
  const isMissing = () => letThrough.some((what) => !written.has(what));
  for (let round = 0; Date.now() < end || isMissing() && round < mostRounds; round++) {
    const organization = organizations[round % organizations.length]!;
    await attempt("organization", (eves) =>
      eves`
      update public.profiles set current_organization_id = ${organization} where id = ${eve}`);
    // A row a day, as far back as anybody may go.
    await attempt("days", (eves) =>
      eves`
      insert into public.ai_interactions (title, agent_id, user_id, started_at)
      select 'x', ${agent}, ${eve}, now() - interval '1 day' * n - interval '1 hour' from generate_series(1, ${many}) as n`);
    await attempt("centuries", (eves) =>
      eves`
      insert into public.ai_interactions (title, agent_id, user_id, started_at)
      select 'x', ${agent}, ${eve}, '1971-01-01Z' from generate_series(1, ${many})`);
    await attempt("words", (eves) =>
      eves`
      insert into public.ai_interactions (title, agent_id, user_id, tags)
      select 'x', ${agent}, ${eve}, array(select md5(random()::text) from generate_series(1, 250000))`);
    await attempt("some words", (eves) =>
      eves`
      insert into public.ai_interactions (title, agent_id, user_id, tags)
      select 'x', ${agent}, ${eve}, array(select md5(random()::text) from generate_series(1, 20)) from generate_series(1, 100)`);
    for (const sooner of ["2000 years", "-1 milliseconds"]) {
      await attempt("notifications", (eves) =>
        eves`
        insert into public.notifications (user_id, type, title, message, expires_at)
        select ${eve}, 'x', 'x', 'x', now() - ${sooner}::interval from generate_series(1, ${many})`);
    }
    await attempt("time zone", (eves) =>
      eves`
      update public.organizations set timezone = ${round % 2 === 0 ? "Europe/Berlin" : "Asia/Tokyo"}
      where id = ${organization}`);
  }
  return written;
}

/** Of alice one thing for each job; of eve turns that take a second each to settle. */
async function plantWork(admin: postgres.Sql): Promise<void> {
  const homes = admin`select id, current_organization_id as home from public.profiles`;
  await admin`
    create function private.planted_slowness() returns trigger language plpgsql set search_path = '' as $$
    begin
      perform pg_sleep(1);
      return new;
    end $$`;
  await admin`
    create trigger planted_slowness before insert on public.ai_interactions
    for each row when (new.title = 'slow') execute function private.planted_slowness()`;
  await admin`
    insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at, created_at)
    select homes.id, homes.home, turns.title, 'embedding', now() - turns.ago, now() - turns.ago
    from (${homes}) homes
    join (
      values (${alice}::uuid, 'abandoned', interval '16 minutes', 1), (${eve}::uuid, 'slow', interval '17 minutes', 12)
    ) as turns (person, title, ago, count) on turns.person = homes.id
    cross join lateral generate_series(1, turns.count)`;
  await admin`
    insert into public.ai_interactions (user_id, organization_id, title, source, turn_state, total_cost, started_at, ended_at)
    select homes.id, homes.home, 'old', 'chat', 'succeeded', 3, now() - interval '2000 days', now() - interval '2000 days'
    from (${homes}) homes where homes.id = ${alice}`;
  await admin`
    update public.plans set interaction_days = 730, conversation_days = 365`;
  await admin`
    insert into public.notifications (user_id, type, title, message, created_at, expires_at)
    values (${alice}, 'x', 'x', 'x', now() - interval '2 seconds', now() - interval '1 second')`;
  await admin`
    insert into public.chat_sessions (user_id, org_id, started_at, last_activity_at)
    select homes.id, homes.home, now() - interval '500 days', now() - interval '500 days'
    from (${homes}) homes where homes.id = ${alice}`;
  await admin`
    insert into public.budgets (organization_id, period, limit_usd)
    select homes.home, 'day', 1 from (${homes}) homes where homes.id = ${alice}`;
  await admin`
    update public.budgets set spent_usd = 1, period_started_at = period_started_at - interval '1 day'`;
}

/** What of alice's is still due, by kind. */
async function dueOfAlice(admin: postgres.Sql): Promise<Record<string, number>> {
  const [row] = await admin<[{ due: Record<string, number> }]>`
    with home as (select current_organization_id as id from public.profiles where profiles.id = ${alice})
    select jsonb_strip_nulls(jsonb_build_object(
      'turns', nullif((select count(*) from private.running_turns where user_id = ${alice}), 0),
      'interactions', nullif((select count(*) from public.ai_interactions where user_id = ${alice} and title = 'old'), 0),
      'notifications', nullif((
        select count(*) from public.notifications where user_id = ${alice} and expires_at < now() - interval '1 minute'
          or user_id = ${alice} and title = 'x'
      ), 0),
      'sessions', nullif((select count(*) from public.chat_sessions where user_id = ${alice}), 0),
      'budgets', nullif((select count(*) from public.budgets where organization_id = (select id from home) and spent_usd > 0), 0),
      'late changes', nullif((select count(*) from public.usage_deltas where organization_id = (select id from home)), 0)
    )) as due`;
  return row.due;
}

Deno.test("whatever a tenant writes, every job succeeds for everyone else", async (test) => {
  await using world = await startWorld();
  const { admin, scheduler, client } = world;
  await plantWork(admin);
  const organizations = await gatherOrganizations(client);
  const jobs = await admin<{ name: string; seconds: number }[]>`
    select name, extract(epoch from timeout)::integer as seconds from private.jobs
    -- What is old enough is counted before it is removed.
    order by name = 'refresh-usage' desc, name = 'catch-up-usage' desc, name`;

  const writing = writeHostileRows(client, organizations);
  const took = new Map<string, number>();
  const failed: unknown[] = [];
  // Twice: some of it becomes due by what the other jobs do.
  for (let round = 0; round < 2; round++) {
    for (const { name, seconds } of jobs) {
      await scheduler`select set_config('statement_timeout', ${`${seconds}s`}, false)`;
      const began = Date.now();
      await scheduler`call private.run_job(${name})`.catch((error) => failed.push(error));
      took.set(name, Math.max(took.get(name) ?? 0, (Date.now() - began) / 1_000 / seconds));
    }
  }
  const written = await writing;

  await test.step("she got through with some of each kind that is let through", () => {
    ok(organizations.length > 1);
    for (const what of letThrough) {
      ok((written.get(what) ?? 0) > 0, `${what}: ${JSON.stringify([...written])}`);
    }
    ok(written.get("time zone")! <= 5 * organizations.length);
  });
  await test.step("every run succeeded", async () => {
    deepEqual(failed, []);
    deepEqual(
      [
        ...await admin`
        select distinct job_name, outcome, error_message from private.job_runs where outcome <> 'succeeded'`,
      ],
      [],
    );
    deepEqual([...await admin`select * from private.job_failures`], []);
  });
  await test.step("none needed more than its time", () => {
    deepEqual([...took].filter(([, share]) => share >= 1), []);
  });
  await test.step("all that was due of another user is done", async () => {
    deepEqual(await dueOfAlice(admin), {});
  });
  await test.step("a turn of another user waited for one of hers, not for all", async () => {
    const [row] = await admin<[{ before: number }]>`
      select count(*)::integer as before from public.ai_interactions
      where title = 'slow' and ended_at < (select ended_at from public.ai_interactions where title = 'abandoned')`;
    ok(row.before <= 1, `${row.before} of hers came before`);
  });
  await test.step("every figure is right", async () => {
    const [row] = await admin<[{ differences: number }]>`
      select count(*)::integer as differences
      from public.verify_daily_usage((now() - interval '4 years')::date, now()::date)`;
    equal(row.differences, 0);
  });
});
