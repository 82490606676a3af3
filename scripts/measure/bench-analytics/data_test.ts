import { deepEqual, equal, ok } from "node:assert/strict";
import postgres from "postgres";
import { openData } from "./data.ts";
import { measureInserts } from "./measure-inserts.ts";
import { measureQuestions } from "./measure-questions.ts";
import { measureRefresh } from "./measure-refresh.ts";
import { openWorkspace } from "../../common/workspace.ts";

const rows = 10_000;

Deno.test("data are loaded, measured, and reused by the next run", async () => {
  const workspace = await openWorkspace();
  try {
    const options = { folder: await workspace.folder("data"), rows, seed: 3 };
    const said: string[] = [];
    const data = await openData(options, workspace, (line) => said.push(line.trim()));
    ok(data.seconds !== null);
    const sql = postgres(data.url, { max: 1, onnotice: () => {} });
    const [found] = await sql`
      select count(*)::int as rows, count(distinct user_id)::int > 800 as many,
        (select sum(interactions)::int from public.daily_usage) as counted,
        (select count(*)::int from public.ai_interactions where status = 'deleted') as deleted,
        (select sum(usage_count)::int from public.agents) as uses
      from public.ai_interactions`;
    deepEqual(
      [found?.rows, found?.many, found?.counted, found?.uses],
      [rows, true, rows - found?.deleted, rows],
    );
    // A constraint's index is made by way of the constraint.
    const [indexes] = await sql`
      select count(*)::int as wanted, count(made.indexname)::int as made
      from bench.indexes wanted
      left join pg_indexes made on made.tablename = 'ai_interactions'
        and wanted.definition ~ format('(INDEX|constraint) %s ', made.indexname)`;
    ok(indexes?.wanted > 10);
    equal(indexes?.made, indexes?.wanted);

    const questions = await measureQuestions(data, 1);
    ok(questions.every(({ ms, baseMs, rows }) => ms > 0 && baseMs > 0 && rows > 0));
    const refresh = await measureRefresh(data, 1);
    ok(refresh.dayRows > 20 && refresh.newDay.ms > 0 && refresh.editsMs > 0);
    const inserts = await measureInserts(data, 1);
    ok(inserts.insert.ms > 0 && inserts.turn.ratio > 0);
    const [after] = await sql`
      select count(*)::int as rows, (select sum(usage_count)::int from public.agents) as uses
      from public.ai_interactions`;
    deepEqual([after?.rows, after?.uses], [rows, rows]);
    await sql.end();
    await data.stop();

    const again = await openData(options, workspace, () => {});
    equal(again.seconds, null);
    deepEqual(again.dataset.days, data.dataset.days);
  } finally {
    await workspace.close();
  }
});
