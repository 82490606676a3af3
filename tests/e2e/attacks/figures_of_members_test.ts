import { deepEqual, equal, ok } from "node:assert/strict";
import { z } from "zod";
import { pathInProject } from "../../../scripts/common/path-in-project.ts";
import { openDatabase, type Person, signUp, stack } from "../support/stack.ts";

/** What someone tries, and what the Data API must answer. */
type Attempt = [name: string, statuses: number[], run: () => PromiseLike<{ status: number }>];

const refused = [400, 401, 403, 404, 405, 409];
const measures = ["day", "organization", "user", "agent", "model", "vendor", "feature"];
const columns = "key, interactions::text, total_cost::text, recorded_cost::text, recorded::text";
const reportSchema = z.object({
  total: z.object({ interactions: z.number(), total_cost: z.string(), recorded_cost: z.string() }),
});

Deno.test("members can neither hide spending nor invent it", async (test) => {
  await using company = await makeCompany();
  const { sql, organization, alice, bob, dave, eve, turn, record } = company;
  const before = await figures(alice, organization);
  ok(before.spent.total > 0, "the turns cost something");

  await test.step("a turn cannot be hidden", async () => {
    const interactions = () => bob.supabase.from("ai_interactions");
    const change = (values: Record<string, unknown>) =>
      interactions().update(values).eq("id", turn);
    await each([
      ["status", refused, () => change({ status: "deleted" })],
      [
        "status, of all own rows",
        refused,
        () => interactions().update({ status: "deleted" }).eq("user_id", bob.id),
      ],
      ...Object.entries({
        total_cost: 0,
        source: "manual",
        started_at: "1999-01-01T00:00:00Z",
        ended_at: "1999-01-01T00:00:00Z",
        agent_id: null,
        organization_id: bob.id,
        user_id: null,
        model_name: "another",
        vendor_id: null,
        service_id: null,
        price_id: null,
        input_tokens: 0,
        turn_state: "failed",
        usage_is_estimated: true,
      }).map(([column, value]): Attempt => [column, refused, () => change({ [column]: value })]),
      ["delete", refused, () => interactions().delete().eq("id", turn)],
      [
        "upsert",
        refused,
        () =>
          interactions().upsert({ id: turn, agent_id: company.agent, title: "x", total_cost: 0 }),
      ],
      [
        "upsert that ignores",
        [200, 201],
        () =>
          interactions().upsert({ id: turn, agent_id: company.agent, title: "x" }, {
            ignoreDuplicates: true,
          }),
      ],
      // The status of PostgREST for a view that cannot be changed.
      [
        "recent_interactions",
        [500],
        () => bob.supabase.from("recent_interactions").update({ total_cost: 0 }).eq("id", turn),
      ],
      ...[
        "usage_daily_rollup",
        "usage_agent_rollup",
        "usage_deltas",
        "usage_archive_rollup",
        "usage_calendars",
      ].flatMap(
        (table): Attempt[] => [
          [
            `delete from ${table}`,
            refused,
            () => bob.supabase.from(table).delete().eq("organization_id", organization),
          ],
          [
            `update ${table}`,
            refused,
            () =>
              bob.supabase.from(table).update({ organization_id: bob.id })
                .eq("organization_id", organization),
          ],
          [
            `insert into ${table}`,
            refused,
            () =>
              bob.supabase.from(table).insert({
                organization_id: organization,
                date: "2026-01-01",
              }),
          ],
        ],
      ),
      ...Object.entries({
        refresh_daily_usage: {},
        update_daily_usage_stats: { date: "2026-01-01" },
        verify_daily_usage: { from_date: "2026-01-01", to_date: "2026-01-01" },
        reprice_interactions: { during: "(,)" },
        correct_chat_turn: { turn_id: turn, correction: { usage: {} } },
        settle_chat_turn: { turn_id: turn, outcome: { state: "failed" } },
        sweep_chat_turns: { expired_before: "2100-01-01" },
      }).map(([name, values]): Attempt => [name, refused, () => bob.supabase.rpc(name, values)]),
      [
        "another time zone",
        [204],
        () =>
          bob.supabase.from("organizations").update({ timezone: "Pacific/Kiritimati" })
            .eq("id", organization),
      ],
      [
        "the session",
        [204],
        () => bob.supabase.from("chat_sessions").delete().eq("user_id", bob.id),
      ],
    ]);
    deepEqual(await figures(alice, organization), before);
  });

  await test.step("an agent that is deleted keeps what it cost", async () => {
    const { status } = await bob.supabase.from("agents").delete().eq("id", company.ownAgent);
    equal(status, 204);
    const [gone] = await sql`select from public.agents where id = ${company.ownAgent}`;
    equal(gone, undefined);
    deepEqual(await figures(alice, organization), before);
    ok(before.by.agent?.some(({ key }) => key === company.ownAgent));
    const { data } = await alice.supabase.from("ai_interactions")
      .select("agent_id, agents(name)").neq("source", "manual");
    deepEqual(
      new Map(data?.map(({ agent_id, agents }) => [agent_id, agents])),
      new Map<string, unknown>([[company.agent, { name: "Company's" }], [company.ownAgent, null]]),
    );
  });

  await test.step("a cost cannot be invented", async () => {
    const insert = (person: Person, values: Record<string, unknown>) => () =>
      person.supabase.from("ai_interactions")
        .insert({ agent_id: company.agent, title: "x", ...values });
    await each([
      ["ten billion dollars", refused, insert(bob, { total_cost: "9999999999" })],
      ["more than a thousand", refused, insert(bob, { total_cost: "1000.0000000001" })],
      ["no number", refused, insert(bob, { total_cost: "NaN" })],
      ["less than nothing", refused, insert(bob, { total_cost: "-5" })],
      ["a trillion tokens", refused, insert(bob, { input_tokens: 1_000_000_000_000 })],
      ["a turn", refused, insert(bob, { source: "chat", turn_state: "succeeded" })],
      ["for an organization", refused, insert(bob, { organization_id: organization })],
      ["of another person", refused, insert(bob, { user_id: alice.id })],
      ["a viewer's, who records for no company", [201], insert(dave, { total_cost: 900 })],
      ["a stranger's, of a public agent", [201], insert(eve, { total_cost: 900 })],
      ["a record", [201], insert(bob, { total_cost: "999.5" })],
      [
        "a record as a cost of a turn's",
        refused,
        () => bob.supabase.from("ai_interactions").update({ total_cost: 0 }).eq("id", record),
      ],
      [
        "a record of another user's",
        [204],
        () => alice.supabase.from("ai_interactions").update({ status: "deleted" }).eq("id", record),
      ],
    ]);
    const after = await figures(alice, organization);
    deepEqual(after.spent, { ...before.spent, recorded: before.spent.recorded + 999.5 });
    deepEqual(after.budget, before.budget);
    for (const measure of measures) {
      deepEqual(
        after.by[measure]?.map(({ key, total_cost }) => [key, total_cost]),
        before.by[measure]?.map(({ key, total_cost }) => [key, total_cost]),
        measure,
      );
    }
    const [counters] = await sql`
      select usage_count::integer as uses from public.agents where id = ${company.agent}`;
    equal(counters?.uses, 3, "a turn and two records of a member, and none of a stranger's");
  });

  await test.step("only what a person recorded can that person remove", async () => {
    const { status } = await bob.supabase.from("ai_interactions")
      .update({ status: "deleted" }).eq("source", "manual");
    equal(status, 204);
    const { spent } = await figures(alice, organization);
    deepEqual(spent, { ...before.spent, recorded: 0 });
    const command = new Deno.Command("node", {
      args: [
        pathInProject("scripts/run.mjs"),
        ...["usage", "--json", "--days", "2", "--organization", organization],
      ],
      env: { API_URL: stack.API_URL, SECRET_KEY: stack.SECRET_KEY },
    });
    const { stdout } = await command.output();
    const { total } = reportSchema.parse(JSON.parse(new TextDecoder().decode(stdout)));
    deepEqual([Number(total.total_cost), total.recorded_cost], [before.spent.total, "0.00"]);
  });

  await test.step("an account that is deleted leaves its usage in the figures", async () => {
    await sql`delete from auth.users where id = ${bob.id}`;
    const after = await figures(alice, organization);
    deepEqual(after.spent, { ...before.spent, recorded: 0 });
    deepEqual(after.budget, before.budget);
    deepEqual(
      await sql`select * from public.verify_daily_usage(current_date - 2, current_date)`,
      [],
    );
  });
});

async function each(attempts: Attempt[]): Promise<void> {
  for (const [name, statuses, run] of attempts) {
    const { status } = await run();
    ok(statuses.includes(status), `${name}: ${status}`);
  }
}

/** What the owner of an organization is shown of the last days. */
async function figures(owner: Person, organization: string) {
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const rowSchema = z.object({
    key: z.string().nullable(),
    interactions: z.string(),
    total_cost: z.string(),
    recorded_cost: z.string(),
    recorded: z.string(),
  });
  const by: Record<string, z.infer<typeof rowSchema>[]> = {};
  for (const measure of measures) {
    const { data } = await owner.supabase.rpc("get_usage", {
      by: measure,
      from_date: day(1),
      to_date: day(0),
      organization_id: organization,
    }).select(columns).order("key");
    by[measure] = z.array(rowSchema).parse(data);
  }
  const { data: budgets } = await owner.supabase.from("budgets").select("spent_usd::text")
    .eq("organization_id", organization);
  const sum = (column: "total_cost" | "recorded_cost") =>
    by.day?.reduce((total, row) => total + Number(row[column]), 0) ?? NaN;
  return {
    by,
    budget: budgets,
    spent: { total: sum("total_cost"), recorded: sum("recorded_cost") },
  };
}

/** An organization of alice's in which bob is a member and dave a viewer, and what bob did there. */
async function makeCompany() {
  const database = openDatabase();
  const { sql } = database;
  const [alice, bob, dave, eve] = await Promise.all(["alice", "bob", "dave", "eve"].map(signUp));
  ok(alice && bob && dave && eve);
  const [organization] = await sql`
    insert into public.organizations (name, slug, created_by)
    values ('Company', ${`company-${crypto.randomUUID()}`}, ${alice.id}) returning id`;
  const id = z.string().parse(organization?.id);
  await sql`
    insert into public.organization_members (organization_id, user_id, role)
    values (${id}, ${bob.id}, 'member'), (${id}, ${dave.id}, 'viewer')`;
  await sql`
    update public.profiles set current_organization_id = ${id}
    where profiles.id in (${alice.id}, ${bob.id}, ${dave.id})`;
  await sql`
    insert into public.budgets (organization_id, period, limit_usd) values (${id}, 'total', 1000)`;
  const agents = await sql`
    insert into public.agents (name, organization_id, created_by, is_public, vendor_id, service_id)
    values
      ('Company''s', ${id}, ${alice.id}, true, 'openrouter', 'openrouter_gpt4o'),
      ('Bob''s', null, ${bob.id}, false, 'openrouter', 'openrouter_gpt4o')
    returning id`;
  const [agent, ownAgent] = agents.map((row) => z.string().parse(row.id));
  // As settle_chat_turn() leaves them: what a turn costs is tested elsewhere.
  const turns = await sql`
    insert into public.ai_interactions (
      organization_id, user_id, agent_id, title, source, turn_state, status, vendor_id, model_name,
      input_tokens, output_tokens, total_cost
    )
    select
      ${id}, ${bob.id}, agents.id, agents.name, 'chat', 'succeeded', 'completed', 'openrouter',
      'gpt-4o', 1000, 100, 1.1
    from public.agents where agents.id in (${agent!}, ${ownAgent!})
    returning id`;
  await sql`
    update public.budgets set spent_usd = 2.2 where organization_id = ${id}`;
  const { data: record } = await bob.supabase.from("ai_interactions")
    .insert({ agent_id: agent, title: "By hand", total_cost: "0.25" }).select("id").single();
  return {
    sql,
    organization: id,
    ...{ alice, bob, dave, eve },
    agent: agent!,
    ownAgent: ownAgent!,
    turn: z.string().parse(turns[0]?.id),
    record: z.string().parse(record?.id),
    async [Symbol.asyncDispose]() {
      await sql`delete from public.organizations where id = ${id}`;
      await sql`delete from public.agents where id = ${ownAgent!}`;
      await database[Symbol.asyncDispose]();
    },
  };
}
