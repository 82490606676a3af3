import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import type { Sql } from "postgres";
import { withProject } from "../import/fixtures/with-project.ts";
import { writeExport } from "./write-export.ts";

/** What is compared, and what each database counts or numbers for itself. */
const tables = {
  organizations: "updated_at",
  organization_members: "updated_at",
  agents: "updated_at, version, usage_count, last_used_at, search",
  agent_feature_mappings: "",
  models: "updated_at",
  chat_sessions: "updated_at, last_activity_at",
  chat_messages: "seq",
  ai_interactions: "price_id",
};

async function contents(sql: Sql): Promise<string[]> {
  const found: string[] = [];
  for (const [table, omitted] of Object.entries(tables)) {
    const rows = await sql.unsafe<{ text: string }[]>(
      `select (to_jsonb(rows) - string_to_array('${omitted}', ', '))::text as text
      from public.${table} rows order by 1`,
    );
    found.push(...rows.map(({ text }) => `${table} ${text}`));
  }
  return found;
}

function idOf(line: string): string {
  return /"id": "([^"]+)"/.exec(line)?.[1] ?? line;
}

/** The ids of the rows of an export. */
async function exportedIds(folder: string): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".jsonl")) continue;
    const lines = (await Deno.readTextFile(join(folder, name))).trimEnd().split("\n");
    for (const line of lines) ids.add(idOf(line));
  }
  return ids;
}

Deno.test("an export imported into another project has the same rows there", async () => {
  const folder = join(await Deno.makeTempDir({ prefix: "agentbase-export-" }), "export");
  const exported: string[] = [];
  await withProject({ isMigrated: true }, async ({ sql, load, run }) => {
    for (const fixture of ["enum-agents", "bots"]) {
      await load(fixture, `old_${fixture.replace("-", "_")}`);
      await run("--from", `old_${fixture.replace("-", "_")}`, "--apply");
    }
    await writeExport(sql, { folder, organization: null, report: () => {} });
    exported.push(...await contents(sql));
  });
  await withProject({ isMigrated: true }, async ({ sql, run }) => {
    const before = await contents(sql);
    await run("--from", folder, "--copy");
    await run("--from", folder, "--plan");
    await run("--from", folder, "--apply");
    deepEqual([...await sql`select mapping, reason from agentbase_import.quarantine`], []);
    const { code, lines } = await run("--from", folder, "--verify");
    equal(code, 0, lines.join("\n"));
    const imported = await contents(sql);
    const ids = await exportedIds(folder);
    // The people and Acme are in both; platform agents are not exported.
    const known = new Set(before.map(idOf));
    const added = exported.filter((line) => ids.has(idOf(line)) && !known.has(idOf(line)));
    equal(added.length > 12_000, true, `${added.length} rows`);
    deepEqual(added.filter((line) => !imported.includes(line)), []);
    equal((await sql`select from public.verify_daily_usage('2026-01-01', current_date)`).length, 0);
    await run("--from", folder, "--revert");
    const after = await contents(sql);
    deepEqual(after.filter((line) => !before.includes(line)), []);
    deepEqual(before.filter((line) => !after.includes(line)), []);
  });
  await Deno.remove(folder, { recursive: true });
});
