import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { openDatabase, signUp, stack } from "./support/stack.ts";

const root = pathInProject(".");

const figures = z.object({
  interactions: z.number(),
  failed: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  total_cost: z.string(),
  recorded_cost: z.string(),
  unpriced: z.number(),
  avg_satisfaction: z.number().nullable(),
  satisfaction_ratings: z.number(),
});
const reportSchema = z.object({
  organization: z.string().nullable(),
  time_zone: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  total: figures,
  days: z.array(figures.extend({ day: z.string() })),
  by: z.record(z.string(), z.array(figures.extend({ key: z.string(), label: z.string() }))),
});

/** Runs the command like a user, with the stack of this test as the project. */
async function usage(args: string[], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command("node", {
    args: [join(root, "scripts/run.mjs"), "usage", ...args],
    cwd: root,
    env: { API_URL: stack.API_URL, SECRET_KEY: stack.SECRET_KEY, NO_COLOR: "1", ...environment },
  }).output();
  const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: said ?? "", stderr: complaint ?? "" };
}

async function report(...args: string[]) {
  const { code, stdout, stderr } = await usage(["--json", ...args]);
  equal(code, 0, stderr);
  return reportSchema.parse(JSON.parse(stdout));
}

/** An organization in Auckland that had six interactions, one of them deleted, one of April. */
async function makeOrganization() {
  const ann = await signUp("ann");
  await using database = openDatabase();
  const { sql } = database;
  const slug = `usage-${crypto.randomUUID()}`;
  const name = `<b>Usage</b> & "sons"`;
  const [organization] = await sql`
    insert into public.organizations (name, slug, timezone, created_by)
    values (${name}, ${slug}, 'Pacific/Auckland', ${ann.id}) returning id`;
  const [agent] = await sql`
    insert into public.agents (name, created_by, organization_id, vendor_id)
    values ('Clerk', ${ann.id}, ${organization?.id}, 'openai') returning id`;
  // A day begins there at 11:00 UTC of the day before, until 5 April.
  const rows = [
    ["2026-03-31T10:59:59Z", "openai", "gpt-4o", 1_000, 10, "0.1", 5, "succeeded", "completed"],
    ["2026-03-31T11:00:00Z", "openai", "gpt-4o", 2_000, 20, "0.2", 4, "succeeded", "completed"],
    ["2026-04-01T10:00:00Z", "anthropic", "claude", 3_000, 30, null, null, "failed", "completed"],
    [
      "2026-04-02T10:00:00Z",
      "anthropic",
      "claude",
      0,
      0,
      "0.0000000001",
      1,
      "succeeded",
      "archived",
    ],
    ["2026-04-02T10:00:00Z", "openai", "gpt-4o", 7, 7, "99", 1, null, "deleted"],
    ["2026-04-02T10:30:00Z", "openai", "gpt-4o", 0, 0, "33", null, null, "active"],
    ["2026-04-02T11:00:00Z", "openai", "gpt-4o", 9, 9, "50", 3, "succeeded", "completed"],
  ] as const;
  for (const [at, vendor, model, input, output, cost, rating, state, status] of rows) {
    await sql`
      insert into public.ai_interactions (
        organization_id, user_id, agent_id, vendor_id, model_name, title, source, turn_state, status,
        started_at, input_tokens, output_tokens, total_cost, satisfaction_rating
      ) values (
        ${organization?.id}, ${ann.id}, ${agent?.id}, ${vendor}, ${model}, 'A turn', ${
      state === null ? "manual" : "chat"
    }, ${state},
        ${status}, ${at}, ${input}, ${output}, ${cost}, ${rating}
      )`;
  }
  return { slug, id: String(organization?.id), name, ann, agentId: String(agent?.id) };
}

Deno.test("the usage report counts an organization's days to the last decimal", async (test) => {
  const { slug, id, name, ann, agentId } = await makeOrganization();
  const range = ["--from", "2026-04-01", "--to", "2026-04-02", "--organization"];

  await test.step("as JSON", async () => {
    const found = await report(...range, slug);
    deepEqual([found.organization, found.time_zone], [name, "Pacific/Auckland"]);
    deepEqual([found.from, found.to], ["2026-04-01", "2026-04-02"]);
    // The first row is of 31 March there, the last of 3 April. The fifth was recorded by hand and
    // deleted, the sixth recorded by hand.
    deepEqual(found.days.map(({ day, total_cost }) => [day, total_cost]), [
      ["2026-04-01", "0.20"],
      ["2026-04-02", "0.0000000001"],
    ]);
    deepEqual(found.total, {
      interactions: 4,
      failed: 1,
      input_tokens: 5_000,
      output_tokens: 50,
      total_cost: "0.2000000001",
      recorded_cost: "33.00",
      unpriced: 1,
      avg_satisfaction: 2.5,
      satisfaction_ratings: 2,
    });
    const rows = (by: string) =>
      found.by[by]?.map((
        { key, label, interactions, total_cost },
      ) => [key, label, interactions, total_cost]);
    deepEqual(rows("vendor"), [
      ["openai", "OpenAI", 2, "0.20"],
      ["anthropic", "Anthropic", 2, "0.0000000001"],
    ]);
    deepEqual(rows("model"), [["gpt-4o", "gpt-4o", 2, "0.20"], [
      "claude",
      "claude",
      2,
      "0.0000000001",
    ]]);
    deepEqual(rows("agent"), [[agentId, "Clerk", 4, "0.2000000001"]]);
    deepEqual(rows("user"), [[ann.id, ann.email, 4, "0.2000000001"]]);
    deepEqual(rows("feature"), [["", "without feature", 4, "0.2000000001"]]);
    equal(rows("organization"), undefined);
  });

  await test.step("the same organization by its id, and within the totals of all", async () => {
    deepEqual((await report(...range, id)).total.total_cost, "0.2000000001");
    const all = await report("--from", "2026-04-01", "--to", "2026-04-02");
    deepEqual([all.organization, all.time_zone], [null, null]);
    const ours = all.by.organization?.find(({ key }) => key === id);
    deepEqual([ours?.interactions, ours?.total_cost], [4, "0.2000000001"]);
  });

  await test.step("in the terminal and as a page", async () => {
    const folder = await Deno.makeTempDir();
    const file = join(folder, "usage.html");
    const { code, stdout, stderr } = await usage([...range, slug, "--html", file]);
    equal(code, 0, stderr);
    match(stdout, /^Usage of .*, 1 Apr 2026 to 2 Apr 2026$/m);
    match(stdout, /Cost +\$0\.20 +exactly \$0\.2000000001$/m);
    match(stdout, /^Wed 01 Apr +█+ +\$0\.20 +2$/m);
    match(stdout, /^Thu 02 Apr +▏ +\$0\.0000000001 +2$/m);
    match(stdout, /^ +Recorded +\$33\.00 +1 by hand, not in the cost$/m);
    ok(stdout.trimEnd().endsWith(`The page is in "${file}".`));
    const page = await Deno.readTextFile(file);
    ok(page.includes("<h1>&lt;b&gt;Usage&lt;/b&gt; &amp; &quot;sons&quot;"));
    ok(page.includes("<td>$0.0000000001</td>"));
    await Deno.remove(folder, { recursive: true });
  });

  await test.step("the default period ends today", async () => {
    const found = await report("--days", "3", "--organization", slug);
    const today = new Date().toLocaleDateString("sv-SE", { timeZone: "Pacific/Auckland" });
    // Midnight there may have passed in the meantime.
    ok(found.to >= today && found.days.length === 3, `${found.to}, ${today}`);
  });
});

Deno.test("the usage report has every row, whatever the API's page size", async () => {
  const { slug, id, ann } = await makeOrganization();
  await using database = openDatabase();
  await database.sql`
    insert into public.ai_interactions (
      organization_id, user_id, title, source, turn_state, status, started_at, model_name, total_cost
    )
    select ${id}, ${ann.id}, 'A turn', 'chat', 'succeeded', 'completed', '2026-04-08T00:00:00Z', 'model-' || n, n
    from generate_series(1, 2100) n`;
  const { by, total } = await report(
    "--from",
    "2026-04-08",
    "--to",
    "2026-04-08",
    "--organization",
    slug,
  );
  equal(by.model?.length, 2_100);
  equal(new Set(by.model?.map(({ key }) => key)).size, 2_100);
  equal(by.model?.[0]?.key, "model-2100");
  equal(total.total_cost, String(2_100 * 2_101 / 2) + ".00");
});

Deno.test("the usage command says why it cannot report", async (test) => {
  const cases: [string, string[], Record<string, string>, RegExp][] = [
    [
      "a wrong key",
      [],
      { SECRET_KEY: "sb_secret_wrong" },
      /^Cannot read the figures: .*SECRET_KEY/,
    ],
    ["no one there", ["--url", "http://127.0.0.1:9"], {}, /^Cannot read the figures: /],
    [
      "an unknown organization",
      ["--organization", "none"],
      {},
      /^Cannot report on organization "none"/,
    ],
    ["a day to come", ["--to", "2999-01-01"], {}, /is in the future/],
    [
      "a first day to come",
      ["--from", "2999-01-01"],
      {},
      /^Cannot report on the days from 2999-01-01/,
    ],
    ["no such folder", ["--html", "/no/such/folder.html"], {}, /^Cannot write "\/no\/such/],
    ["no file", ["--html", "/"], {}, /^Cannot write "\/": .*Choose another file/],
    [
      "too many days",
      ["--from", "1990-01-01"],
      {},
      /^Cannot report on the [\d,]+ days from 1990-01-01/,
    ],
    ["a wrong option", ["--dayz", "3"], {}, /^Cannot read the arguments: .*--help/],
  ];
  for (const [name, args, environment, complaint] of cases) {
    await test.step(name, async () => {
      const { code, stdout, stderr } = await usage(args, environment);
      equal(code, args[0] === "--dayz" ? 2 : 1);
      equal(stdout, "");
      match(stderr, complaint);
      equal(stderr.trim().split("\n").length, 1, stderr);
    });
  }
});

Deno.test("the usage command finds the running stack by its folder", async () => {
  const folder = Deno.env.get("STACK_DIR");
  ok(folder !== undefined);
  const { code, stdout, stderr } = await usage(["--days", "2"], { API_URL: "", SECRET_KEY: "" });
  equal(code, 0, stderr);
  match(stdout, /^Usage of all organizations, /);
});
