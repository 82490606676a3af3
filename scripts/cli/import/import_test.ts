import { deepEqual, equal, match, rejects } from "node:assert/strict";
import type { Sql } from "postgres";
import { writeExport } from "../export/write-export.ts";
import { withProject } from "./fixtures/with-project.ts";

type Run = (...args: string[]) => Promise<{ code: number; lines: string[] }>;

/** All rows of the tables that imports write, as text. */
async function contents(sql: Sql): Promise<string[]> {
  const tables = [
    "profiles",
    "organizations",
    "organization_members",
    "mcp_sessions",
    "agents",
    "agent_feature_mappings",
    "ai_agent_configs",
    "chat_sessions",
    "chat_messages",
    "ai_interactions",
  ];
  const found: string[] = [];
  for (const table of tables) {
    const rows = await sql.unsafe<{ text: string }[]>(
      `select (to_jsonb(rows) - 'updated_at')::text as text from public.${table} rows order by 1`,
    );
    found.push(...rows.map(({ text }) => `${table} ${text}`));
  }
  return found;
}

/** Why rows are in the quarantine, by mapping, without the values. */
async function reasons(sql: Sql, schema: string): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select mapping || ' ' || count(*) || ': ' || regexp_replace(
      left(reason, 60), '[0-9a-f]{8}-[0-9a-f-]+|(?<=: ).*$', '…', 'g'
    ) as line
    from agentbase_import.quarantine where source = ${schema}
    group by mapping, regexp_replace(
      left(reason, 60), '[0-9a-f]{8}-[0-9a-f-]+|(?<=: ).*$', '…', 'g'
    ) order by 1`;
  return rows.map(({ line }) => line);
}

const alice = "00000000-0000-4000-8000-00000000000a";
const acme = "00000000-0000-4000-8000-0000000000ac";

Deno.test("each design is planned, imported, compared, mended and reverted", async () => {
  await withProject({ isMigrated: true }, async ({ sql, url, load, run }) => {
    const before = await contents(sql);
    await load("organizations", "old_organizations");
    await load("enum-agents", "old_agents");
    await load("bots", "old_bots");

    // What is not what it claims changes nothing.
    await rejects(run("--from", "nowhere", "--plan"), /has no tables in a schema of that name/);
    await sql`create schema other`;
    await sql`create table other.invoices (id integer)`;
    await rejects(run("--from", "other", "--apply"), /are of no known design.*Nothing was changed/);
    await rejects(run("--from", "other", "--verify"), /nothing was imported from it/);

    // The plan writes nothing, and says of each table and column what will happen.
    const { lines } = await run("--from", "old_bots", "--plan");
    const plan = lines.join("\n");
    match(plan, /recognised as bots/);
    match(plan, /chat_messages → chat_messages: 12,007 rows/);
    match(plan, /content +text/);
    match(
      plan,
      /10 rows, the vendor is not in vendors.* in the file of --mapping: \{"labels": \{"vendors": \{.*\}\}\}: …/,
    );
    match(plan, /feedback: no design has it/);
    match(plan, /Estimated time: \d+ s/);
    equal((await sql`select from pg_namespace where nspname = 'agentbase_import'`).length, 0);
    deepEqual(await contents(sql), before);

    const schemas = ["old_organizations", "old_agents", "old_bots"];
    for (const schema of schemas) {
      await run("--from", schema, "--apply");
      const { code, lines } = await run("--from", schema, "--verify");
      equal(code, 0, lines.join("\n"));
      // A row whose type is null has the default of this side, and is compared, too.
      if (schema === "old_agents") match(lines.join("\n"), /ai_interactions: 3 of 3 rows/);
      // Again: there is nothing to do.
      const rows = await contents(sql);
      await run("--from", schema, "--apply");
      deepEqual(await contents(sql), rows);
    }
    deepEqual(await Promise.all(schemas.map((schema) => reasons(sql, schema))), quarantined);
    await expectCounts(sql);
    equal((await sql`select from public.verify_daily_usage('2026-01-01', current_date)`).length, 0);
    await expectOrganizations(sql);
    await expectAgents(sql);
    await expectConversation(sql);

    await expectExport(sql);

    // Mended in its table, mended in the quarantine, or mended in the catalogue.
    await sql`update old_bots.bots set name = 'Named' where name is null`;
    await sql`
      update agentbase_import.quarantine set corrected_row = row || '{"role": "user"}'
      where reason like 'the role is unknown%' and mapping = 'chat_messages'`;
    await sql`select public.add_vendor('mystery', 'Mystery', base_url => 'https://mystery.example')`;
    const { lines: [retried] } = await run("--from", "old_bots", "--retry");
    // Two bots, the session that waited for one of them, its message, and the one in the quarantine.
    equal(
      retried,
      "5 of 21 rows are imported now; 16 are still to be corrected in agentbase_import.quarantine.",
    );
    const { code, lines: compared } = await run("--from", "old_bots", "--verify");
    equal(code, 0, compared.join("\n"));

    // A difference is found, and named.
    await sql`update public.chat_messages set content = 'Changed' where content = 'm77'`;
    const { code: found, lines: differing } = await run("--from", "old_bots", "--verify");
    equal(found, 1);
    match(differing.join("\n"), /chunk \d: 1 rows differ, such as [0-9a-f-]{36}/);

    for (const schema of schemas.toReversed()) await run("--from", schema, "--revert");
    deepEqual(
      await contents(sql),
      before,
    );
    equal((await sql`select from public.verify_daily_usage('2026-01-01', current_date)`).length, 0);
    equal((await sql`select from agentbase_import.quarantine`).length, 0);

    await expectFullDisk(sql, run);

    // Killed again and again, it resumes where it stopped, and so does the revert.
    const kills = await runKilled(url, ["--from", "old_bots", "--apply"]);
    equal(kills > 0, true, "it was never killed");
    const { code: resumed, lines: report } = await run("--from", "old_bots", "--verify");
    equal(resumed, 0, report.join("\n"));
    await expectCounts(sql);
    equal(
      (await sql`select from public.chat_messages where id = md5('chat_messages:150')::uuid`)
        .length,
      1,
    );
    await runKilled(url, ["--from", "old_bots", "--revert"]);
    deepEqual(await contents(sql), before);
    equal((await sql`select from public.verify_daily_usage('2026-01-01', current_date)`).length, 0);
  });
});

/** A disk that fills is reported in a sentence, and the import continues once it has room. */
async function expectFullDisk(sql: Sql, run: Run): Promise<void> {
  await sql.unsafe(`
    create function public.fill_disk() returns trigger language plpgsql as $$
    begin
      raise exception using errcode = 'disk_full', message = 'could not extend file "base/5/1"';
    end $$;
    create trigger fill_disk before insert on public.chat_messages
      for each row when (new.content = 'm11000') execute function public.fill_disk()`);
  await rejects(
    run("--from", "old_bots", "--apply"),
    /the disk of the database is full.*run the same command again: it continues/,
  );
  await sql`drop function public.fill_disk cascade`;
  await run("--from", "old_bots", "--apply");
  equal((await run("--from", "old_bots", "--verify")).code, 0);
  await run("--from", "old_bots", "--revert");
}

/**
 * Runs the command until it exits without being killed: each run is killed at a moment by chance, within
 * a time that grows by a quarter from run to run, so that the last is long enough on any machine.
 *
 * @returns how many runs were killed.
 */
async function runKilled(url: string, args: string[]): Promise<number> {
  for (let kills = 0;; kills++) {
    const process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", new URL("./main.ts", import.meta.url).pathname, ...args],
      env: { DB_URL: url },
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => kill(process), 300 + Math.random() * 500 * 1.25 ** kills);
    const { success, signal, stderr } = await process.output();
    clearTimeout(timer);
    if (success) return kills;
    const message = new TextDecoder().decode(stderr);
    // It was killed after its last commit, so that nothing is left to be reverted.
    if (message.includes("nothing was imported from it")) return kills;
    // The last statement of a killed run goes on in the database, and with it the lock of the import.
    if (!message.includes("another import or revert is running")) equal(signal, "SIGKILL", message);
  }
}

/** Kills a process, unless it has exited in the meantime: then there is nothing to kill. */
function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** By design: organizations, agents, bots. What was noted of imported rows is among them. */
const quarantined = [
  [
    "mcp_sessions 1: it expires before it was made: …",
    "mcp_sessions 1: its OAuth tokens were left out: …",
    "organization_members 1: another row has the same key: …",
    "organization_members 1: organization_id … is not ",
    "organization_members 1: the role is unknown: …",
    "organizations 1: no member of it has an account, so that it would have no own",
    "organizations 1: settings that chats cannot use were left out: …",
  ],
  [
    "agent_features 1: the feature is not in agent_features: …",
    "ai_agents 1: created_by … is not in pr",
    "ai_agents 1: the vendor is not in vendors: …",
    "ai_interactions 1: it waits for its agent, which is in the quarantine: …",
    'ai_interactions 1: new row for relation "ai_interactions" violates check constr',
    "ai_interactions 1: the type is not in interaction_types: …",
  ],
  [
    "bots 1: it has no owner: …",
    "bots 1: left out of config, because it is a secret: …",
    "bots 1: no value for name: …",
    "bots 1: the vendor is not in vendors: …",
    "chat_messages 1: no value for session_id: …",
    "chat_messages 1: the role is unknown: …",
    "chat_messages 2: session_id … is not in ch",
    "chat_sessions 1: agent_id … waits for its ",
    "chat_sessions 1: its person has no account in auth.users: …",
    'usage_logs 1: new row for relation "ai_interactions" violates check constr',
    "usage_logs 1: no value for organization_id: …",
    "usage_logs 10: the vendor is not in vendors: …",
  ],
];

/** Members, roles and the project's own columns; who signs in finds the organizations. */
async function expectOrganizations(sql: Sql): Promise<void> {
  const people = await sql`
    select email, full_name, username, marketing_opt_in, preferences, status
    from public.profiles where email in ('alice@example.com', 'bob@example.com') order by email`;
  deepEqual([...people].map((row) => ({ ...row })), [
    {
      email: "alice@example.com",
      full_name: "Alice Ö",
      username: "alice",
      marketing_opt_in: true,
      preferences: { theme: "dark" },
      status: "active",
    },
    {
      email: "bob@example.com",
      full_name: "Bob B",
      username: "bob",
      marketing_opt_in: null,
      preferences: { value: [1] },
      status: "deactivated",
    },
  ]);
  const organizations = await sql<{ line: string }[]>`
    select concat_ws(' ', slug, settings, metadata, timezone, billing_email, string_agg(
      profiles.email || '=' || members.role, ',' order by profiles.email
    )) as line
    from public.organizations
    join public.organization_members members on members.organization_id = organizations.id
    join public.profiles on profiles.id = members.user_id
    where organizations.name like 'Old%'
    group by organizations.id order by slug`;
  deepEqual(organizations.map(({ line }) => line), [
    'old-co {"theme": "x"} {"a": 1} Europe/Berlin pay@example.com alice@example.com=owner,bob@example.com=viewer',
    "old-co-0a000000 {} {} UTC bob@example.com=owner",
  ]);
}

/** Sessions count each message once, however often an import was interrupted. */
async function expectCounts(sql: Sql): Promise<void> {
  const wrong = await sql`
    select sessions.id from public.chat_sessions sessions
    where message_count <> (
      select count(*) from public.chat_messages where session_id = sessions.id
    )`;
  deepEqual([...wrong], []);
  equal((await sql`select from agentbase_import.message_counts`).length, 0);
}

/** Vendors, features in their order, and what interactions cost. */
async function expectAgents(sql: Sql): Promise<void> {
  const agents = await sql<{ line: string }[]>`
    select concat_ws(' ', agents.name, vendor_id, config, usage_count, string_agg(
      feature_id || case when is_primary then '*' else '' end, ',' order by feature_id
    )) as line
    from public.agents left join public.agent_feature_mappings on agent_id = agents.id
    where agents.id::text like 'a0000000%' group by agents.id order by agents.name`;
  deepEqual(agents.map(({ line }) => line), [
    'Claude 🎩 anthropic {"color": "red", "top_k": 3} 3 coding*,mcp',
    "Gemini google_ai {} 0 coding",
  ]);
  const [total] = await sql<{ cost: string; interactions: string }[]>`
    select trim_scale(sum(total_cost))::text as cost, sum(interactions)::text as interactions
    from public.get_usage('vendor', current_date - 90, current_date)`;
  // 0.0425 of an interaction and 990 calls of 0.0012; not the deleted one.
  deepEqual({ ...total }, { cost: "1.2305", interactions: "992" });
}

/** The person sees the conversation, and goes on with it. */
async function expectConversation(sql: Sql): Promise<void> {
  const session = "c0000000-0000-4000-8000-000000000001";
  await sql.begin(async (transaction) => {
    await transaction`
      select set_config('request.jwt.claims', ${
      JSON.stringify({ sub: alice, role: "authenticated" })
    }, true)`;
    await transaction`set local role authenticated`;
    const messages = await transaction<{ line: string }[]>`
      select role || ': ' || content as line from public.chat_messages
      where session_id = ${session} order by seq`;
    deepEqual(messages.map(({ line }) => line), ["user: Hello 🦊", "assistant: Hi"]);
    const agents = await transaction`
      select from public.agents where name = 'Support' and organization_id = ${acme}`;
    equal(agents.length, 1);
  });
  await sql.begin(async (transaction) => {
    // As on the local stack.
    await transaction`update public.plans set platform_credential = 'priced_catalogue'`;
    await transaction`set local role service_role`;
    const [turn] = await transaction<{ begun: { messages: { content: string }[] } }[]>`
      select public.begin_chat_turn(
        ${sql.json({ user_id: alice })},
        ${
      sql.json({
        model: "b0000000-0000-4000-8000-000000000001",
        session_id: session,
        messages: [{ role: "user", content: "And now?" }],
      })
    }
      ) as begun`;
    deepEqual(turn?.begun.messages.map(({ content }) => content), [
      "Be kind",
      "Hello 🦊",
      "Hi",
      "And now?",
    ]);
    throw new Rollback();
  }).catch((error) => {
    if (!(error instanceof Rollback)) throw error;
  });
}

/** What came in goes out again, in lines that are JSON. */
async function expectExport(sql: Sql): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-export-" });
  try {
    const lines: string[] = [];
    const options = { folder, organization: acme, report: (line: string) => void lines.push(line) };
    await writeExport(sql, options);
    const rows = (await Deno.readTextFile(`${folder}/chat_messages.jsonl`)).trimEnd().split("\n")
      .map((line) => JSON.parse(line).content);
    equal(rows.includes("Hello 🦊"), true);
    equal(lines.includes(`  chat_messages: ${rows.length} rows`), true);
    const manifest = JSON.parse(await Deno.readTextFile(`${folder}/manifest.json`));
    equal(manifest.format, "agentbase-export-1");
    for (const name of ["manifest.json", "chat_messages.jsonl"]) {
      const { mode } = await Deno.stat(`${folder}/${name}`);
      equal((mode ?? 0) & 0o777, 0o600, `others can read ${name}`);
    }
    await rejects(writeExport(sql, options), /it has an export already/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

class Rollback extends Error {}
