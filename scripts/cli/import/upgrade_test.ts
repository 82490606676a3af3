import { deepEqual, equal, match, rejects } from "node:assert/strict";
import postgres, { type Sql } from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { describeDatabase } from "../release/describe-database.ts";
import { withProject } from "./fixtures/with-project.ts";

/** Runs a test with a database of 0.1 that has people and rows in every table that is kept. */
async function withRelease(test: (url: string, sql: Sql) => Promise<void>): Promise<void> {
  const database = await startTemporaryDatabase();
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    const file = await Deno.open(new URL("./fixtures/agentbase-0.1.sql.gz", import.meta.url));
    const schema = file.readable.pipeThrough(new DecompressionStream("gzip"));
    await sql.unsafe(await new Response(schema).text());
    await sql.unsafe(await Deno.readTextFile(pathInProject("supabase/seed.sql")));
    await sql.unsafe(
      await Deno.readTextFile(new URL("./fixtures/agentbase-0.1.sql", import.meta.url)),
    );
    await test(database.url, sql);
  } finally {
    await sql.end();
    await database.stop();
  }
}

/** Rows of a table, those of the columns that 0.1 has. */
async function rowsOf(sql: Sql, table: string, columns: string): Promise<string[]> {
  const rows = await sql.unsafe<{ line: string }[]>(
    `select row(${columns})::text as line from ${table} order by 1`,
  );
  return rows.map(({ line }) => line);
}

/** What must be the same on both sides, by table. */
const kept: Record<string, string> = {
  "auth.users": "id, email, encrypted_password",
  "public.profiles": "id, full_name, current_organization_id",
  "public.organizations": "id, name, slug, is_personal, created_by",
  "public.organization_members": "organization_id, user_id, role",
  "public.organization_invitations": "id, email, role, token_hash",
  "public.plans": "id, name, conversation_days",
  "public.agents": "id, name, vendor_id, organization_id, created_by, usage_count",
  "public.models": "id, agent_id, name, service_id",
  "public.agent_feature_mappings": "agent_id, feature_id, is_primary",
  "public.ai_agent_configs": "id, config_key, config_value",
  "public.user_api_keys": "id, user_id, encrypted_key, key_fingerprint",
  "public.access_keys": "id, organization_id, prefix, scopes",
  "private.access_key_secrets": "access_key_id, token_hash",
  "public.mcp_sessions": "session_id, user_id, mcp_state, expires_at",
  "public.budgets": "id, organization_id, limit_usd, spent_usd",
  "public.workflows": "id, name, execution_count, success_count",
  "public.workflow_executions": "id, workflow_id, status",
  "public.agent_thoughts": "id, content",
  "public.chat_sessions": "id, title, message_count, last_activity_at, org_id",
  "public.chat_messages": "id, session_id, role, content, created_at",
  "public.ai_interactions":
    "id, agent_id, session_id, price_id, source, turn_state, total_cost, started_at, created_at",
  "public.agent_executions": "id, interaction_id, status",
  "public.notifications": "id, title",
  "public.agent_metrics": "id, agent_id, metric_type, value, metadata, recorded_at, created_at",
  "public.agent_health_checks": "id, agent_id, status, latency_ms, created_at",
  "public.api_usage": "id, user_id, agent_id, endpoint, status_code, cost_usd, created_at",
};

/** Gives a service that both releases have another price from now on, as `npm run catalogue` does. */
async function changePrice(sql: Sql): Promise<string> {
  const [row] = await sql<{ service: string }[]>`
    update public.service_prices set valid_during = tstzrange(lower(valid_during), now())
    where service_id = 'openai_gpt4o' and upper_inf(valid_during) returning service_id as service`;
  const service = row?.service ?? "";
  await sql`
    insert into public.service_prices (service_id, input_rate, output_rate, valid_during)
    values (${service}, 9, 9, tstzrange(now(), null))`;
  return service;
}

Deno.test("a project of 0.1 comes to this release with everything that it has", async () => {
  await withRelease(async (old, before) => {
    await withProject({ isMigrated: true, hasPeople: false }, async ({ sql, run }) => {
      const schema = await describeDatabase(sql);
      const catalogue = await rowsOf(sql, "public.service_prices", "id, service_id");

      // A project whose jobs have run: what is older is added to what is rolled up.
      await sql`update private.usage_watermark set rolled_up_until = now() - interval '1 hour'`;
      const { lines } = await run("--from", old, "--apply");
      match(lines.join("\n"), /past_usage → usage_archive_rollup: 1 rows, 1 written/);
      const { code, lines: compared } = await run("--from", old, "--verify");
      equal(code, 0, compared.join("\n"));
      deepEqual([...await sql`select * from agentbase_import.quarantine`], []);
      for (const [table, columns] of Object.entries(kept)) {
        deepEqual(await rowsOf(sql, table, columns), await rowsOf(before, table, columns), table);
      }
      // As a fresh installation: the same schema, and the same figures as the old ledger has.
      deepEqual(await describeDatabase(sql), schema);
      const [usage] = await sql`
        select sum(interactions)::integer as interactions, sum(total_cost)::float as cost,
          sum(recorded_cost)::float as recorded
        from public.get_usage('organization', '2026-01-01', current_date)`;
      deepEqual({ ...usage }, { interactions: 24, cost: 1.04, recorded: 0.75 });
      equal(
        (await sql`select from public.verify_daily_usage('2026-01-01', current_date)`).length,
        0,
      );
      equal(
        (await sql`select from public.vendor_services`).length >
          (await before`select from public.vendor_services`).length,
        true,
        "the catalogue of this release is gone",
      );

      // What people made since is deleted only on request.
      await sql`
        insert into public.workflows (agent_id, name)
        select id, 'Made since' from public.agents where organization_id is not null limit 1`;
      await rejects(run("--from", old, "--revert"), /1 rows of workflows in imported agents/);
      await sql`delete from public.workflows where name = 'Made since'`;
      const service = await changePrice(sql);
      await run("--from", old, "--revert");
      deepEqual(await describeDatabase(sql), schema);
      // A price that was brought up to date since stays; all others are as they were.
      const prices = await rowsOf(sql, "public.service_prices", "id, service_id");
      const others = (lines: string[]) => lines.filter((line) => !line.endsWith(`,${service})`));
      deepEqual(others(prices), others(catalogue));
      const changed = await sql`
        select input_rate::float as rate from public.service_prices where service_id = ${service}`;
      deepEqual([...changed].map(({ rate }) => rate), [9]);
      equal((await sql`select from public.organizations where is_personal`).length, 5);
      equal((await sql`select from public.chat_messages`).length, 0);
      equal(
        (await sql`select from public.verify_daily_usage('2026-01-01', current_date)`).length,
        0,
      );
    });
  });
});

Deno.test("a database of an older release is not moved aside: the command says what to do", async () => {
  await withProject({ isMigrated: false }, async ({ sql, run }) => {
    await sql`create schema private`;
    await sql`create table private.encrypted_columns (id integer)`;
    for (const action of ["--plan", "--apply", "--prepare"]) {
      await rejects(run("--from", "public", action), /older release.*--from postgresql:/);
    }
  });
});
