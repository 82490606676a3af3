import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { runCommand } from "../../scripts/common/run-command.ts";
import { openDatabase, type Person, signUp, stack } from "./support/stack.ts";

const root = pathInProject(".");

/** A block of a guide, in a language: sh, sql or json. */
interface Step {
  language: string;
  text: string;
}

/** The blocks of a section of docs/import.md, in their order. */
async function readSteps(heading: string): Promise<Step[]> {
  const page = await Deno.readTextFile(join(root, "docs/import.md"));
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  return [...section.matchAll(/^ *```(\w+)\n([\s\S]*?)^ *```$/gm)]
    .map(([, language = "", text = ""]) => ({ language, text }));
}

/**
 * An old project of bots in the schema that the guide names, with the defects that the guide fixes.
 */
function oldProject({ id }: Person): string {
  return `
    create schema legacy;
    create table legacy.bots (id uuid primary key, name text, config jsonb, created_by uuid);
    create table legacy.chat_sessions (id uuid primary key, bot_id uuid, user_id uuid, created_at timestamp);
    create table legacy.chat_messages (id uuid primary key default gen_random_uuid(), session_id uuid,
      role text, text text, "timestamp" timestamp);
    create table legacy.usage_logs (id uuid primary key default gen_random_uuid(), bot_id uuid, user_id uuid,
      session_id uuid, provider text, model text, tokens_used integer, cost numeric(10, 4), created_at timestamp);
    insert into legacy.bots values
      ('b1000000-0000-4000-8000-000000000001', 'Fox 🦊',
        '{"provider": "gpt-house", "model": "gpt-4o", "system_prompt": "Be kind"}', '${id}'),
      ('b1000000-0000-4000-8000-000000000002', null, '{"provider": "openai"}', '${id}');
    insert into legacy.chat_sessions values
      ('c1000000-0000-4000-8000-000000000001', 'b1000000-0000-4000-8000-000000000001', '${id}', now() - interval '3 days'),
      ('c1000000-0000-4000-8000-000000000002', 'b1000000-0000-4000-8000-000000000002', '${id}', now() - interval '3 days');
    insert into legacy.chat_messages (session_id, role, text, "timestamp") values
      ('c1000000-0000-4000-8000-000000000001', 'human', 'Where does the fox live?', now() - interval '3 days'),
      ('c1000000-0000-4000-8000-000000000001', 'operator', 'In a den.', now() - interval '3 days' + interval '1 second'),
      ('c1000000-0000-4000-8000-000000000002', 'alien', 'Beep', now() - interval '3 days');
    insert into legacy.usage_logs (bot_id, user_id, session_id, provider, model, tokens_used, cost, created_at)
    select 'b1000000-0000-4000-8000-000000000001', '${id}', 'c1000000-0000-4000-8000-000000000001', 'gpt-house',
      'gpt-4o', 100, 0.25, date_trunc('month', now()) - interval '1 month' + n * interval '1 day'
    from generate_series(1, 4) n`;
}

/** Executes a step of the guide. Returns the output of its commands. */
async function follow(
  { language, text }: Step,
  sql: ReturnType<typeof openDatabase>["sql"],
  mapping: string,
): Promise<string> {
  if (language === "json") {
    await Deno.writeTextFile(mapping, text);
    return "";
  }
  if (language === "sql") {
    const [held] = await sql`
      select id from agentbase_import.quarantine where reason like 'the role is unknown%'`;
    await sql.unsafe(text.replace(/id = \d+/, `id = ${held?.id ?? 0}`));
    return "";
  }
  let said = "";
  for (const line of text.split("\n").map((one) => one.trim())) {
    if (line === "" || line.startsWith("export DB_URL=")) continue;
    match(line, /^npm run import -- /);
    const command = line.replace(/ *#.*$/, "").replace("--from", `--mapping ${mapping} --from`);
    const { code, output } = await runCommand(["sh", "-c", command], {
      cwd: root,
      env: { DB_URL: stack.DB_URL },
    });
    equal(code, 0, `${command}\n${output}`);
    said += output;
  }
  return said;
}

Deno.test("who follows the import guide has a product in which its users go on", async () => {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const { sql } = database;
  const folder = await Deno.makeTempDir({ prefix: "agentbase-guide-" });
  const mapping = join(folder, "mapping.json");
  await Deno.writeTextFile(mapping, "{}");
  try {
    await sql.unsafe(oldProject(ann));
    const steps = await readSteps("Step by step");
    deepEqual(steps.map(({ language }) => language), [
      "sh",
      "sh",
      "json",
      "sh",
      "sql",
      "sh",
      "sh",
      "sh",
    ]);
    const [revert] = steps.splice(-1);
    let said = "";
    for (const step of steps) said += await follow(step, sql, mapping);
    match(said, /to the quarantine: 1 rows, no value for name/);
    match(said, /3 of 3 rows are imported now/);
    match(said, /Source and target are equal/);
    await expectGoingOn(ann);

    const sideBySide = await readSteps("While the old application runs");
    equal(sideBySide.length, 1);
    for (const step of sideBySide) await follow(step, sql, mapping);
    equal(revert?.text.includes("--revert"), true);
    const discard = `${revert?.text.trimEnd()} --discard\n`;
    await follow({ language: "sh", text: discard }, sql, mapping);
    deepEqual((await ann.supabase.from("chat_sessions").select("id")).data, []);
  } finally {
    await sql`drop schema if exists legacy cascade`;
    await sql`drop schema if exists agentbase_import cascade`;
    await Deno.remove(folder, { recursive: true });
  }
});

/**
 * An imported person sees agents, conversations and last month's cost, and continues a
 * conversation.
 */
async function expectGoingOn({ supabase, openai }: Person): Promise<void> {
  const { data: agents } = await supabase.from("agents").select("name, vendor_id, model_name")
    .not("created_by", "is", null).order("name");
  deepEqual(agents, [
    { name: "Fox 🦊", vendor_id: "openai", model_name: "gpt-4o" },
    { name: "Support", vendor_id: "openai", model_name: null },
  ]);
  const session = "c1000000-0000-4000-8000-000000000001";
  const read = async () => {
    const { data } = await supabase.from("chat_messages").select("role, content")
      .eq("session_id", session).order("seq");
    return data ?? [];
  };
  deepEqual(await read(), [
    { role: "user", content: "Where does the fox live?" },
    { role: "assistant", content: "In a den." },
  ]);
  // What was used in the month before the import, which may have been in the last month.
  const now = new Date();
  const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 2, 1));
  const { data: usage, error } = await supabase.rpc("get_usage", {
    by: "vendor",
    from_date: from.toISOString().slice(0, 10),
    to_date: now.toISOString().slice(0, 10),
  });
  equal(error, null);
  deepEqual(
    usage?.map((row: { total_cost: number; interactions: number }) => [
      Number(row.total_cost),
      Number(row.interactions),
    ]),
    [[1, 4]],
  );

  const answer = await openai.chat.completions.create({
    model: "b1000000-0000-4000-8000-000000000001",
    messages: [{ role: "user", content: "And the badger?" }],
  }, { headers: { "X-Session-Id": session } });
  equal(typeof answer.choices[0]?.message.content, "string");
  const after = await read();
  deepEqual(after.map(({ role }) => role), ["user", "assistant", "user", "assistant"]);
  equal(after[2]?.content, "And the badger?");
}
