import { deepEqual, equal, match, ok } from "node:assert/strict";
import { startScheduler } from "../../scripts/stack/scheduler/scheduler.ts";
import { startCronServer } from "./support/cron_server.ts";
import { waitFor } from "./support/wait_for.ts";

/**
 * Real pg_cron, which ticks once a minute (Debian's knows no seconds): everything that needs a tick is
 * shown on one. The server crashes first, in the middle of a run, and is down while three ticks pass;
 * pg_cron alone finds the work of them. Then two local schedulers run beside it.
 */
const planted = `
  create table private.planted_work (
    id integer generated always as identity primary key, due_at timestamptz not null, done_by integer[] not null default '{}'
  );
  create function private.planted_work() returns integer language plpgsql set search_path = '' as $$
  declare
    done integer;
  begin
    -- Long enough for the others to come in between, if they could.
    perform pg_sleep(1);
    update private.planted_work set done_by = done_by || pg_backend_pid() where done_by = '{}' and due_at <= now();
    get diagnostics done = row_count;
    return done;
  end
  $$;

  insert into private.jobs (name, schedule, command, timeout, description) values
    ('planted-work', '* * * * *', 'select private.planted_work()', '10 seconds', 'Works'),
    ('planted-failure', '* * * * *', 'select 1 / 0', '10 seconds', 'Fails'),
    ('planted-crash', '0 0 * * 0', 'select pg_sleep(600)', '10 minutes', 'Runs while the server crashes'),
    ('planted-hang', '0 0 * * 0', 'select pg_sleep(600)', '1 second', 'Hangs'),
    (
      'planted-daily', format('0 %s * * *', extract(hour from now() at time zone 'UTC' + interval '6 hours')),
      'select 7', '10 seconds', 'Works once a day, not within these minutes'
    );
  -- By pg_cron alone: the local schedulers tell the server when to give up.
  select cron.schedule('agentbase:planted-hang', '* * * * *', 'call private.run_job(''planted-hang'')');
`;

/** Time to the next tick and for what it starts, in milliseconds. */
const aMinute = 120_000;

Deno.test("pg_cron runs what is declared, also after a crash, and not twice beside others", async (test) => {
  await using server = await startCronServer();
  const before = server.connect();
  await before.unsafe(planted);

  const victim = server.connect();
  const running = victim`call private.run_job('planted-crash')`.then(() => "done", () => "cut");
  await waitFor("the run that is to crash", async () => {
    const [status] = await before`select is_running from job_status where name = 'planted-crash'`;
    return status?.is_running;
  }, 60_000);
  // No tick comes between the planting and the crash.
  await waitFor(
    "the beginning of a minute",
    () => Promise.resolve(Date.now() % 60_000 < 45_000),
    60_000,
  );
  await before`
    insert into private.planted_work (due_at)
    select date_trunc('minute', now()) + minutes * interval '1 minute'
    from unnest(array[1, 2, 3, 1440]) as minutes, generate_series(1, 20)`;
  // Of the job that runs once a day the last three runs were missed.
  await before`
    insert into private.job_runs (job_name, outcome, started_at, finished_at)
    values ('planted-daily', 'succeeded', now() - interval '3 days', now() - interval '3 days')`;
  const lastMissed = Math.floor(Date.now() / 60_000) * 60_000 + 3 * 60_000;
  await server.crash(async () => {
    ok(Date.now() < lastMissed - 2 * 60_000);
    await waitFor(
      "three ticks",
      () => Promise.resolve(Date.now() > lastMissed + 1_000),
      4 * 60_000,
    );
  });
  equal(await running, "cut");

  const lines: string[] = [];
  const report = (line: string) => void lines.push(line.trim());
  const sql = server.connect();
  const [crashed] = await sql`select * from job_status where name = 'planted-crash'`;
  deepEqual([crashed?.is_running, crashed?.consecutive_failures], [false, "1"]);

  const ticks = async () =>
    await sql`
      select runs.status, job.jobname
      from cron.job_run_details runs join cron.job using (jobid)
      where runs.end_time is not null and runs.start_time > ${new Date(lastMissed)}
        and job.jobname in ('agentbase:sweep-turns', 'agentbase:planted-work', 'agentbase:planted-failure')`;
  await waitFor("a tick of pg_cron", async () => (await ticks()).length >= 3, aMinute);
  const work = async () => {
    const counts = await sql`
      select cardinality(done_by) as times, count(*)::integer as rows, bool_and(due_at < now()) as were_due
      from private.planted_work group by 1 order by 1`;
    return counts.map(({ times, rows, were_due }) => [times, rows, were_due]);
  };
  const runs = async () =>
    await sql`
      select result, started_at > ${new Date(lastMissed)} as is_later
      from private.job_runs where job_name = 'planted-work' and result <> '0' order by id`;

  await test.step("what was due at three missed ticks is done once, at the next", async () => {
    deepEqual(await work(), [[0, 20, false], [1, 60, true]]);
    deepEqual((await runs()).map((run) => ({ ...run })), [{ result: "60", is_later: true }]);
  });

  await test.step("a daily job that was due in the meantime does not wait for the next day", async () => {
    await waitFor("the daily job", async () => {
      const [status] = await sql`
        select last_result from job_status
        where name = 'planted-daily' and last_success_at > ${new Date(lastMissed)}`;
      return status?.last_result === "7";
    }, aMinute);
  });

  const schedulers = await Promise.all(
    [1, 2].map(() => startScheduler({ url: server.url, report })),
  );
  await sql`
    insert into private.planted_work (due_at) select now() from generate_series(1, 60)`;
  await waitFor("the end of more work", async () => {
    const [status] = await sql`select is_running from job_status where name = 'planted-work'`;
    return !status?.is_running && (await runs()).length > 1;
  }, aMinute);

  await test.step("three schedulers do it once", async () => {
    deepEqual(await work(), [[0, 20, false], [1, 120, true]]);
    deepEqual((await runs()).map(({ result }) => result), ["60", "60"]);
  });
  await test.step("no two runs of a job overlapped", async () => {
    deepEqual([
      ...await sql`
        select a.job_name from private.job_runs a join private.job_runs b using (job_name)
        where a.id < b.id and a.outcome <> 'crashed' and b.started_at < a.finished_at`,
    ], []);
  });
  await test.step("the run that crashed was found", async () => {
    const [run] = await sql`
      select outcome, error_message from private.job_runs where job_name = 'planted-crash'`;
    equal(run?.outcome, "crashed");
    match(run?.error_message, /ended before it recorded an outcome/);
  });
  await test.step("one that hangs is cut when another begins, and the others go on", async () => {
    const endOfHang = async () => {
      await sql`call private.run_job('planted-work')`;
      const [status] = await sql`
        select last_outcome, last_finished_at - last_started_at < interval '50 seconds' as was_cut_soon
        from job_status where name = 'planted-hang'`;
      return { ...status };
    };
    await waitFor("its end", async () => (await endOfHang()).last_outcome !== "running", 60_000);
    deepEqual(await endOfHang(), { last_outcome: "timed_out", was_cut_soon: true });
  });
  await test.step("one that fails shows", async () => {
    const [status] = await sql`select * from job_status where name = 'planted-failure'`;
    deepEqual([status?.last_outcome, status?.last_error], ["failed", "division by zero"]);
    ok(Number(status?.consecutive_failures) >= 1);
    // One of the schedulers met it; the other found it running, or met it too.
    const told = lines.filter((line) => line.includes("planted-failure"));
    ok(
      told.length <= 2 && told.every((line) => line.includes("division by zero")),
      told.join("\n"),
    );
    const statuses = await ticks();
    ok(
      statuses.some(({ jobname, status }) =>
        jobname === "agentbase:sweep-turns" && status === "succeeded"
      ),
    );
  });
  await Promise.all(schedulers.map((scheduler) => scheduler.stop(2000)));
});
