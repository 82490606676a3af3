import { deepEqual, equal, match, ok } from "node:assert/strict";
import postgres from "postgres";
import { applyMigrations } from "../postgres/apply-migrations.ts";
import { startScheduler } from "./scheduler.ts";
import { startTemporaryDatabase } from "../postgres/temporary-database.ts";

/** Its clock is that of croner; what pg_cron and it do on one tick is shown in tests/jobs. */
async function withDatabase(
  test: (sql: postgres.Sql, url: string) => Promise<void>,
): Promise<void> {
  const database = await startTemporaryDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    await applyMigrations({ url: database.url });
    // Only those that a test plants: the others have not been due for a minute yet, or may be soon.
    await sql`update private.jobs set is_enabled = false`;
    await test(sql, database.url);
  } finally {
    await sql.end();
    await database.stop();
  }
}

/** Plants a job that has been due for an hour. */
async function plant(sql: postgres.Sql, name: string, command: string, timeout: string) {
  await sql`
    insert into private.jobs (name, schedule, command, timeout, description, created_at)
    values (${name}, '0 0 * * *', ${command}, ${timeout}, 'Planted', now() - interval '25 hours')`;
}

async function outcomes(sql: postgres.Sql): Promise<Record<string, string>> {
  const rows = await sql<{ job_name: string; outcome: string }[]>`
    select job_name, outcome from private.job_runs order by id`;
  return Object.fromEntries(rows.map(({ job_name, outcome }) => [job_name, outcome]));
}

async function waitUntil(isThere: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await isThere()) {
    ok(Date.now() < deadline, "Waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const waitForRuns = (sql: postgres.Sql, count: number) =>
  waitUntil(async () => {
    const [found] = await sql`
      select count(*)::integer from private.job_runs where finished_at is not null`;
    return found?.count >= count;
  });

Deno.test("due jobs run at the start, a hanging job is cancelled, and a failure is logged once", async () => {
  await withDatabase(async (sql, url) => {
    await plant(sql, "a-failure", "select 1 / 0", "10 seconds");
    await plant(sql, "b-hang", "select pg_sleep(600)", "1 second");
    await plant(sql, "c-work", "select 'done'", "10 seconds");
    await sql`insert into private.jobs (name, schedule, command, timeout, description)
      values ('d-not-due', '0 0 * * *', 'select 1', '10 seconds', 'Planted')`;

    const lines: string[] = [];
    const start = () => startScheduler({ url, report: (line) => void lines.push(line.trim()) });
    const scheduler = await start();
    deepEqual(scheduler.names, ["a-failure", "b-hang", "c-work", "d-not-due"]);
    await waitForRuns(sql, 3);
    deepEqual(await outcomes(sql), {
      "a-failure": "failed",
      "b-hang": "timed_out",
      "c-work": "succeeded",
    });
    await scheduler.stop(2000);
    equal(lines.length, 2);
    match(lines[0] ?? "", /Job "a-failure" failed: division by zero/);
    match(lines[1] ?? "", /Job "b-hang" timed out: The run was canceled: it may take 00:00:01/);

    const again = await start();
    await waitForRuns(sql, 5);
    await again.stop(2000);
    const [work] = await sql`
      select count(*) from private.job_runs where job_name = 'c-work'`;
    equal(work?.count, "1");
  });
});

Deno.test("a job that was due while the machine slept runs when it wakes", async () => {
  await withDatabase(async (sql, url) => {
    await plant(sql, "daily", "select 'done'", "10 seconds");
    const scheduler = await startScheduler({ url, report: () => {}, watch: "* * * * * *" });
    await waitForRuns(sql, 1);
    // Three days pass without a tick.
    await sql`update private.job_runs
      set started_at = started_at - interval '3 days', finished_at = finished_at - interval '3 days'`;
    await waitForRuns(sql, 2);
    await scheduler.stop(2000);
    deepEqual(await outcomes(sql), { daily: "succeeded" });
  });
});

Deno.test("the scheduler stops at once, and the next one repeats the job that it cancelled", async () => {
  await withDatabase(async (sql, url) => {
    await plant(sql, "a-long", "select pg_sleep(600)", "5 minutes");
    const lines: string[] = [];
    const report = (line: string) => void lines.push(line);
    const scheduler = await startScheduler({ url, report });
    // A run that is cut before its command begins is recorded as running until the next one.
    await waitUntil(async () => {
      const [sleeping] = await sql`
        select count(*)::integer from pg_stat_activity where wait_event = 'PgSleep'`;
      return sleeping?.count === 1;
    });
    const startedAt = performance.now();
    await scheduler.stop(100);
    ok(performance.now() - startedAt < 120_000, "it waits for no job of ten minutes");
    deepEqual(await outcomes(sql), { "a-long": "timed_out" });

    await sql`update private.jobs set command = 'select 1'`;
    const next = await startScheduler({ url, report });
    await waitForRuns(sql, 2);
    await next.stop(1000);
    deepEqual(await outcomes(sql), { "a-long": "succeeded" });
    deepEqual(lines, []);
  });
});
