import { deepEqual, equal, match, rejects } from "node:assert/strict";
import postgres from "postgres";
import { applyMigrations } from "../../scripts/stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../scripts/stack/postgres/temporary-database.ts";

/** Runs of jobs that work item by item: what the tests in a transaction cannot see, since they commit. */
const planted = `
  create table private.planted_items (
    item text primary key, work integer not null default 1, does text not null default 'nothing', done integer not null default 0
  );
  create function private.planted_due() returns setof private.due_item language sql stable set search_path = '' as $$
    select item, 1::bigint, now() - interval '1 hour' from private.planted_items where done < work
  $$;
  create function private.planted_step(item text) returns integer language plpgsql set search_path = '' as $$
  declare
    does text := (select planted_items.does from private.planted_items where planted_items.item = planted_step.item);
  begin
    if does = 'fail' then
      raise exception 'planted: % fails', item;
    end if;
    perform pg_sleep(case does when 'sleep' then 0.4 when 'hang' then 60 else 0 end);
    update private.planted_items set done = done + 1 where planted_items.item = planted_step.item;
    return 1;
  end
  $$;
  insert into private.jobs (name, schedule, items, command, timeout, description) values
    ('planted', '0 0 * * 0', 'private.planted_due()', 'select private.planted_step($1)', '1 minute', 'Works'),
    ('planted-short', '0 0 * * 0', 'private.planted_due()', 'select private.planted_step($1)', '1 second', 'Has a second'),
    ('planted-broken', '0 0 * * 0', 'private.planted_nowhere()', 'select 1', '1 minute', 'Cannot find its work');
`;

Deno.test("a job that works item by item", async (test) => {
  const database = await startTemporaryDatabase();
  const connect = (url: string) => postgres(url, { max: 1, onnotice: () => {} });
  const sql = connect(database.url);
  const other = connect(database.url);
  try {
    await applyMigrations({ url: database.url });
    await sql.unsafe(planted);
    const plant = async (items: readonly Record<string, string | number>[]) => {
      await sql`delete from private.planted_items`;
      await sql`delete from private.job_failures`;
      for (const item of items) await sql`insert into private.planted_items ${sql(item)}`;
    };
    const done = async () => {
      const rows = await sql<{ item: string; done: number }[]>`
        select item, done from private.planted_items where done > 0 order by item`;
      return rows.map(({ item, done }) => `${item}${done}`).join(" ");
    };
    const lastRun = async (name: string) => {
      const [run] = await sql`
        select outcome, result, items_done, items_failed, items_left, last_item, error_message
        from private.job_runs where job_name = ${name} order by id desc limit 1`;
      return { ...run };
    };

    await test.step("goes on past one that fails, and comes back to one with more to do", async () => {
      await plant([{ item: "a", work: 3 }, { item: "b", does: "fail" }, { item: "c" }]);
      await sql`call private.run_job('planted')`;
      equal(await done(), "a3 c1");
      deepEqual(await lastRun("planted"), {
        outcome: "succeeded",
        result: "4",
        items_done: 4,
        items_failed: 1,
        items_left: 0,
        last_item: "a",
        error_message: null,
      });
      const [failure] = await sql`select item, attempts, error_message from private.job_failures`;
      deepEqual({ ...failure }, { item: "b", attempts: 1, error_message: "planted: b fails" });
    });

    await test.step("passes over what failed until it is time again", async () => {
      await sql`update private.planted_items set does = 'nothing'`;
      await sql`call private.run_job('planted')`;
      equal(await done(), "a3 c1");
      await sql`update private.job_failures set retry_at = now()`;
      await sql`call private.run_job('planted')`;
      equal(await done(), "a3 b1 c1");
      equal((await sql`select from private.job_failures`).length, 0);
    });

    await test.step("stops when its time has ended, and continues from there in the next run", async () => {
      await plant(
        ["a", "b", "c", "d", "e"].map((item) => ({ item, work: 9, does: "sleep" })),
      );
      await sql`call private.run_job('planted-short')`;
      const first = await lastRun("planted-short");
      deepEqual([first.outcome, first.items_left, first.last_item], ["succeeded", 5, "b"]);
      equal(await done(), "a1 b1");
      await sql`call private.run_job('planted-short')`;
      equal(await done(), "a1 b1 c1 d1");
      await sql`call private.run_job('planted-short')`;
      equal(await done(), "a2 b1 c1 d1 e1");
      const [status] = await sql`select is_behind from job_status where name = 'planted-short'`;
      equal(status?.is_behind, true);
    });

    await test.step("keeps what it finished when it is cut, and blames the item that it was at", async () => {
      await plant([{ item: "a" }, { item: "b", does: "hang" }, { item: "c" }]);
      await sql`delete from private.job_runs`;
      const run = sql`call private.run_job('planted')`.then(() => "done", (error) => String(error));
      await waitForHang(other);
      await other`select pg_cancel_backend(pid) from private.job_sessions() where job_name = 'planted'`;
      equal(await run, "done");
      equal(await done(), "a1");
      const [failure] = await sql`select item, error_code from private.job_failures`;
      deepEqual({ ...failure }, { item: "b", error_code: "57014" });
      await sql`call private.run_job('planted')`;
      equal(await done(), "a1 c1");
    });

    await test.step("fails when each of its items does, or they cannot be found", async () => {
      await plant([{ item: "a", does: "fail" }, { item: "b", does: "fail" }]);
      await rejects(sql`call private.run_job('planted')`, /Job "planted" failed: planted: b fails/);
      deepEqual([(await lastRun("planted")).outcome, await done()], ["failed", ""]);
      await rejects(sql`call private.run_job('planted-broken')`, /planted_nowhere/);
      match(String((await lastRun("planted-broken")).error_message), /does not exist/);
      // Neither keeps the lock of its job.
      equal((await sql`select from private.job_sessions()`).length, 0);
    });
  } finally {
    await sql.end();
    await other.end();
    await database.stop();
  }
});

/** Until the step of the item that hangs is under way. */
async function waitForHang(sql: postgres.Sql): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const [row] = await sql`
      select count(*)::integer as count from pg_stat_activity
      where wait_event = 'PgSleep' and query like 'call private.run_job%'`;
    if (row?.count === 1) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("The item that hangs was never begun.");
}
