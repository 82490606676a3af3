import postgres from "postgres";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import type { Workspace } from "../../common/workspace.ts";
import { table } from "../common/table.ts";
import { measure, type Measurement, type Subject } from "./measure.ts";

/** One that nothing refers to, and one that others refer to and that has many indexes. */
const subjects: readonly Subject[] = [
  {
    table: "api_usage",
    time: "created_at",
    rows: 400_000,
    columns: "user_id, endpoint, method, status_code, response_time_ms",
    values: "md5((n % 1000)::text)::uuid, '/chat/completions', 'POST', 200, n % 3000",
    dayQuery: "select count(*), avg(response_time_ms) from subject",
    pageQuery:
      "select * from subject where user_id = md5('7')::uuid order by created_at desc limit 20",
  },
  {
    table: "ai_interactions",
    time: "started_at",
    rows: 150_000,
    columns:
      "user_id, organization_id, agent_id, session_id, title, source, turn_state, input_tokens, output_tokens, total_cost, status",
    values:
      "md5((n % 1000)::text)::uuid, md5((n % 100)::text)::uuid, md5((n % 50)::text)::uuid, md5(n::text)::uuid, " +
      "'Chat with a model', 'chat', 'succeeded', n % 900, n % 300, 0.001, 'completed'",
    dayQuery: "select count(*), sum(total_cost) from subject",
    pageQuery:
      "select * from subject where agent_id = md5('7')::uuid order by started_at desc limit 20",
  },
];

const lines: readonly (readonly [string, (measurement: Measurement) => string])[] = [
  ["inserts a second, one by one", ({ insertsPerSecond }) => insertsPerSecond.toFixed(0)],
  ["figures of one day, ms", ({ day }) => day.toFixed(1)],
  ["a page of one person or agent, ms", ({ page }) => page.toFixed(1)],
  ["one row by its id, ms", ({ byId }) => byId.toFixed(1)],
  ["removing 30 of 90 days, ms", ({ removal }) => removal.toFixed(0)],
  ["log written by that, MB", ({ removalLog }) => removalLog.toFixed(1)],
  [
    "size before and after, MB",
    ({ sizeBefore, sizeAfter }) => `${sizeBefore.toFixed(0)} → ${sizeAfter.toFixed(0)}`,
  ],
];

/** Measures tables that grow with time, as they are and cut into months; the result is Markdown. */
export async function benchPartitions(
  workspace: Workspace,
  note: (line: string) => void,
): Promise<string> {
  const database = await startTemporaryDatabase();
  workspace.defer(database.stop);
  await applyMigrations({ url: database.url, signal: workspace.signal });
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    const head = ["90 days"];
    const rows = lines.map(([name]) => [name]);
    for (const subject of subjects) {
      note(`  ${subject.table}, ${subject.rows} rows`);
      const { plain, parted } = await measure(sql, subject);
      head.push(`${subject.table}, whole`, "in months");
      lines.forEach(([, show], index) => rows[index]?.push(show(plain), show(parted)));
    }
    return table(head, rows);
  } finally {
    await sql.end();
  }
}
