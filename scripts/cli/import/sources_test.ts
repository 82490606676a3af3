import { deepEqual, doesNotMatch, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { readDesigns } from "./design/read-designs.ts";
import { withProject } from "./fixtures/with-project.ts";
import { isStaged, sourceOf, stageSource } from "./source/stage-source.ts";

type Run = (...args: string[]) => Promise<{ code: number; lines: string[] }>;

const alice = "00000000-0000-4000-8000-00000000000a";

/** Exports as their documentation shows them, one person by id and one by address. */
const exports: Record<string, string> = {
  "spend.jsonl": [
    {
      request_id: "r1",
      call_type: "acompletion",
      user: "ALICE@example.com",
      model: "gpt-4o",
      custom_llm_provider: "openai",
      prompt_tokens: 10,
      completion_tokens: 5,
      spend: 0.0125,
      startTime: "2026-10-01T10:00:00Z",
      endTime: "2026-10-01T10:00:02Z",
      metadata: { tags: ["a"] },
      api_key: "hash",
      cache_hit: "False",
    },
    {
      request_id: "r2",
      call_type: "acompletion",
      user: "u-7",
      model: "x",
      custom_llm_provider: "bedrock",
      spend: 1,
      startTime: "2026-10-01T10:00:00Z",
    },
    {
      request_id: "r3",
      call_type: "acompletion",
      user: null,
      model: "x",
      custom_llm_provider: "openai",
      spend: 1,
      startTime: "2026-10-01T10:00:00Z",
    },
  ].map((row) => JSON.stringify(row)).join("\n"),
  "observations.jsonl": [
    {
      id: "o1",
      traceId: "t1",
      type: "GENERATION",
      name: "answer",
      userId: alice,
      startTime: "2026-10-02T10:00:00Z",
      endTime: "2026-10-02T10:00:01Z",
      model: "claude",
      promptTokens: 7,
      completionTokens: 3,
      calculatedTotalCost: 0.5,
      input: "secret",
    },
    {
      id: "o2",
      traceId: "t1",
      type: "SPAN",
      name: "step",
      userId: alice,
      startTime: "2026-10-02T10:00:00Z",
    },
  ].map((row) => JSON.stringify(row)).join("\n"),
  "webui.json": JSON.stringify([{
    id: "1f6e0c1c-0000-4000-8000-000000000001",
    user_id: "owui-1",
    title: "Fox 🦊",
    created_at: 1790000000,
    updated_at: 1790000100,
    chat: {
      models: ["gpt-4o"],
      messages: [
        { id: "m1", role: "user", content: "Hello", timestamp: 1790000001 },
        { id: "m2", role: "assistant", content: "Hi", timestamp: 1790000001, model: "gpt-4o" },
        { id: "m3", role: "user", content: "Hello", timestamp: 1790000003 },
      ],
    },
  }]),
  "libre.json": JSON.stringify([{
    conversationId: "2f6e0c1c-0000-4000-8000-000000000001",
    title: "Libre",
    user: alice,
    endpoint: "openAI",
    createdAt: "2026-10-03T10:00:00.000Z",
    messages: [
      {
        messageId: "l1",
        text: "Question",
        isCreatedByUser: true,
        createdAt: "2026-10-03T10:00:01.000Z",
      },
      {
        messageId: "l2",
        text: "Answer",
        isCreatedByUser: false,
        model: "gpt-4o",
        createdAt: "2026-10-03T10:00:02.000Z",
      },
    ],
  }]),
};

Deno.test("exports of other products, other databases and dumps are copied and imported", async () => {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-import-" });
  const file = (name: string) => join(folder, name);
  try {
    await withProject({ isMigrated: true }, async ({ sql, url, run }) => {
      for (const [name, text] of Object.entries(exports)) {
        await Deno.writeTextFile(file(name), text);
      }
      const mapping = file("mapping.json");
      await Deno.writeTextFile(
        mapping,
        JSON.stringify({ labels: { people: { "owui-1": alice } } }),
      );
      const before = await sql`select from public.chat_messages`;
      await rejects(
        run("--from", file("spend.jsonl"), "--plan"),
        /Run --copy, which changes nothing/,
      );
      await run("--from", file("spend.jsonl"), "--copy");
      const { lines } = await run("--from", file("spend.jsonl"), "--plan");
      match(lines.join("\n"), /recognised as litellm: Spend logs of LiteLLM/);
      for (const name of Object.keys(exports)) {
        await run("--from", file(name), "--apply", "--mapping", mapping);
        const verified = await run("--from", file(name), "--verify");
        equal(verified.code, 0, verified.lines.join("\n"));
      }
      // Another file of the same name is not taken for the one that was copied.
      await Deno.mkdir(file("later"));
      await Deno.writeTextFile(file("later/spend.jsonl"), exports["spend.jsonl"] ?? "");
      await rejects(
        run("--from", file("later/spend.jsonl"), "--apply"),
        /it has a copy of another source/,
      );
      deepEqual(await costs(sql), [
        "gpt-4o openai 10 5 0.0125 acompletion",
        "claude 7 3 0.5 answer",
      ]);
      deepEqual(await said(sql), [
        "Fox 🦊 user Hello",
        "Fox 🦊 assistant Hi",
        "Fox 🦊 user Hello",
        "Libre user Question",
        "Libre assistant Answer",
      ]);
      const held = await sql<{ line: string }[]>`
        select mapping || ' ' || key::text || ' ' || left(reason, 40) as line
        from agentbase_import.quarantine order by 1`;
      deepEqual(held.map(({ line }) => line), [
        'LiteLLM_SpendLogs {"import_line": 2} the vendor is not in vendors: add it wit',
        'LiteLLM_SpendLogs {"import_line": 3} no organization pays for it: map its use',
      ]);
      for (const name of Object.keys(exports)) {
        await run("--from", file(name), "--revert");
      }
      equal((await sql`select from public.chat_messages`).length, before.length);

      await Deno.writeTextFile(file("broken.jsonl"), '{"a": 1}\n{"a": ');
      await rejects(run("--from", file("broken.jsonl"), "--apply"), /line 2 is not JSON/);
      await Deno.writeTextFile(file("other.jsonl"), '{"a": 1}');
      await rejects(run("--from", file("other.jsonl"), "--apply"), /match no known export/);
      await rejects(
        run("--from", "postgresql://postgres:x@127.0.0.1:1/postgres", "--apply"),
        /Cannot read the source/,
      );

      const other = await createOther(sql, url);
      await run("--from", other, "--apply");
      equal((await run("--from", other, "--verify")).code, 0);
      deepEqual(await said(sql), ["Talk user Hello"]);
      // A person of the other database signs in here, with the password of there.
      const [person] = await sql`
        select encrypted_password, role from auth.users where email = 'zoe@example.com'`;
      deepEqual(person, { encrypted_password: "hash", role: "authenticated" });
      // An account that was here before gets no other way to sign in.
      const identities = await sql<{ provider_id: string }[]>`
        select provider_id from auth.identities where provider = 'github'`;
      deepEqual(identities.map(({ provider_id }) => provider_id), ["zoe"]);
      await expectRefresh(sql, other, run);
      await run("--from", other, "--revert");
      await expectResumedCopy(sql, other);
      await expectUnstorableRows(sql, file("more.jsonl"), run);
      await expectDump(sql, file("backup.sql"), run);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/**
 * Rows of a dump are copied, and what of it cannot be restored is reported. Its SQL runs no programs.
 */
async function expectDump(sql: Sql, path: string, run: Run): Promise<void> {
  await Deno.writeTextFile(path, "create table public.bots (id integer);\n\\! touch /tmp/x\n");
  await rejects(run("--from", path, "--copy"), /line 2 has a command of psql/);
  const lines = [
    "create table public.bots (id integer primary key, name text);",
    "alter table public.bots owner to app_owner;",
    "copy public.bots (id, name) from program 'echo 9';",
    "copy public.bots (id, name) from stdin;\n1\tDumped\n2\t\\N\n\\.",
    "copy public.bots (id, name) from stdin;\n1\tAgain\n\\.",
    "copy public.lost (id) from stdin;\ndrop table public.bots;\n\\.",
    "insert into public.lost (key) values ('sk-plain');",
    "create role pg_app password 'sk-plain';",
    // More than the driver buffers; and rows of a COPY that does not begin its statement.
    "copy (select repeat('x', 1000) from generate_series(1, 2000)) to stdout;",
    "/* of bots */ copy public.bots (id) from stdin;",
    "insert into public.bots values (3, 'Three; \\ ''3''')",
  ];
  await Deno.writeTextFile(path, lines.join("\n"));
  const { lines: said } = await run("--from", path, "--copy");
  const text = said.join("\n");
  match(text, /6 errors while .* restored/);
  match(text, /role "app_owner" does not exist/);
  match(text, /permission denied to COPY to or from an external program/);
  match(text, /duplicate key value/);
  match(text, /relation "public.lost" does not exist/);
  doesNotMatch(text, /sk-plain/);
  const bots = async () => {
    const rows = await sql<{ line: string }[]>`
      select concat_ws(' ', id, name) as line from copied_backup.bots order by id`;
    return rows.map(({ line }) => line);
  };
  deepEqual(await bots(), ["1 Dumped", "2", "3 Three; \\ '3'"]);

  // A dump that has changed is copied again; one that has not is not.
  deepEqual((await run("--from", path, "--copy")).lines, []);
  await Deno.writeTextFile(path, lines.join("\n").replace("2\t\\N", "4\tFourth"));
  await run("--from", path, "--copy");
  deepEqual(await bots(), ["1 Dumped", "3 Three; \\ '3'", "4 Fourth"]);

  // What a dump says of its types is written into no statement.
  const spoof = [
    "create table public.bots (id integer primary key);",
    "create schema spoof;",
    `create function spoof.format_type(oid, integer) returns text language sql
      as $$ select 'text); commit; create table public.spoofed (id text' $$;`,
    "alter role postgres set search_path = spoof, pg_catalog, public;",
  ];
  await Deno.writeTextFile(`${path}.sql`, spoof.join("\n"));
  await rejects(run("--from", `${path}.sql`, "--copy"));
  equal((await sql`select to_regclass('public.spoofed') as found`)[0]?.found, null);
}

/** What the other database has received since reaches the copy, and Agentbase. */
async function expectRefresh(sql: Sql, address: string, run: Run): Promise<void> {
  const other = postgres(address, { max: 1, onnotice: () => {} });
  try {
    await other`insert into public.chat_messages values (2, 1, 'bot', 'Later')`;
    await other`insert into public.notes values ('b'), ('a')`;
    await other`alter table public.notes add column tagline text default 'New'`;
    await run("--from", address, "--apply");
    equal((await run("--from", address, "--verify")).code, 0);
    deepEqual(await said(sql), ["Talk user Hello", "Talk assistant Later"]);
    const notes = await sql<{ body: string }[]>`
      select body from copied_old_product.notes order by import_line`;
    deepEqual(notes.map(({ body }) => body), ["a", "b", "a"]);
    equal(
      (await sql`select tagline from copied_old_product.notes where body = 'b'`)[0]?.tagline,
      "New",
    );
    // A row that is other there than it was imported is a difference.
    await other`update public.chat_messages set text = 'Changed' where id = 2`;
    await run("--from", address, "--copy");
    equal((await run("--from", address, "--verify")).code, 1);
  } finally {
    await other.end();
  }
}

/** A copy that is interrupted between two tables is completed by the next run. */
async function expectResumedCopy(sql: Sql, address: string): Promise<void> {
  await sql`drop schema copied_old_product cascade`;
  let tables = 0;
  const interrupt = (line: string) => {
    if (line.endsWith(" copied") && ++tables === 2) throw new Error("interrupted");
  };
  const designs = await readDesigns();
  await rejects(
    stageSource(sql, { from: address, schema: null, designs, report: interrupt }),
    /interrupted/,
  );
  equal(await isStaged(sql, sourceOf(address)), false);
  await stageSource(sql, { from: address, schema: null, designs, report: () => {} });
  equal(await isStaged(sql, sourceOf(address)), true);
  equal((await sql`select from copied_old_product.chat_messages`).length, 2);
}

/** A row that Postgres cannot store waits in the quarantine; the others of its file are imported. */
async function expectUnstorableRows(sql: Sql, path: string, run: Run): Promise<void> {
  const [first = ""] = (exports["spend.jsonl"] ?? "").split("\n");
  const row = (id: string, model: string) =>
    first.replace('"r1"', `"${id}"`).replace('"gpt-4o"', model);
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  const rows = [
    row("n1", '"gpt-4o"'),
    row("n2", String.raw`"a\u0000b"`),
    row("n3", String.raw`"a\ud83d"`),
    row("n4", String.raw`"\ud83e\udd8a"`),
    row("n5", String.raw`"\\u0000"`),
    row("n6", `"x", "deep": ${nested(20_000)}`),
    row("n8", `"x", "deep": ${nested(2000)}`).replace('"openai"', '"bedrock"'),
  ];
  await Deno.writeTextFile(path, rows.join("\n"));
  const { lines } = await run("--from", path, "--apply");
  match(lines.join("\n"), /7 rows, 3 written, 4 in the quarantine/);
  const held = await sql<{ line: string }[]>`
    select concat_ws(' ', row ->> 'request_id', row ->> 'model', left(reason, 19)) as line
    from agentbase_import.quarantine where source = 'copied_more' order by n`;
  deepEqual(held.map(({ line }) => line).sort(), [
    "it cannot be stored",
    "n2 a\ufffdb it cannot be stored",
    "n3 a\ufffd it cannot be stored",
    "n8 x the vendor is not i",
  ]);
  const models = await sql<{ model: string }[]>`
    select model_name as model from public.ai_interactions where source = 'import'`;
  deepEqual(models.map(({ model }) => model).sort(), ["\\u0000", "gpt-4o", "🦊"]);

  // The export of the next month: a row that can be stored now, and a new one.
  await Deno.writeTextFile(path, [row("n2", '"gpt-4o"'), row("n7", '"gpt-4o"')].join("\n"));
  await run("--from", path, "--apply");
  const { lines: [mended] } = await run("--from", path, "--retry");
  equal(
    mended,
    "1 of 4 rows are imported now; 3 are still to be corrected in agentbase_import.quarantine.",
  );
  equal((await run("--from", path, "--verify")).code, 0);
  equal((await sql`select from public.ai_interactions where source = 'import'`).length, 5);
  await run("--from", path, "--revert");
}

async function costs(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select concat_ws(' ', model_name, vendor_id, input_tokens, output_tokens,
      trim_scale(total_cost), title) as line
    from public.ai_interactions where source = 'import' order by started_at`;
  return rows.map(({ line }) => line);
}

async function said(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    select sessions.title || ' ' || messages.role || ' ' || messages.content as line
    from public.chat_messages messages
    join public.chat_sessions sessions on sessions.id = messages.session_id
    order by sessions.title, messages.seq`;
  return rows.map(({ line }) => line);
}

/** Another database on the same server, with a person of its own. Returns its address. */
async function createOther(sql: Sql, url: string): Promise<string> {
  await sql`create database old_product`;
  const address = url.replace(/\/postgres$/, "/old_product");
  const other = postgres(address, { max: 1, onnotice: () => {} });
  try {
    await other.unsafe(`
      create schema auth;
      create table auth.users (
        id uuid primary key, email text, encrypted_password text, role text);
      insert into auth.users values
        ('70000000-0000-4000-8000-000000000001', 'zoe@example.com', 'hash', 'service_role');
      create table auth.identities (
        id uuid primary key, user_id uuid, provider text, provider_id text, identity_data jsonb);
      insert into auth.identities values
        (gen_random_uuid(), '70000000-0000-4000-8000-000000000001', 'github', 'zoe', '{"sub": "zoe"}'),
        (gen_random_uuid(), '${alice}', 'github', 'eve', '{"sub": "eve"}');
      create table public.notes (body text);
      insert into public.notes values ('a');
      create table public.users (id serial primary key, name text);
      create type text_kind as enum ('human', 'bot');
      create table public.bots (id serial primary key, name text, config json, created_by uuid);
      create table public.chat_sessions (id serial primary key, bot_id integer, user_id uuid,
        title text, created_at timestamptz default now());
      create table public.chat_messages (id serial primary key, session_id integer, role text_kind,
        text text, "timestamp" timestamptz default now());
      insert into public.bots values (1, 'Old', '{"provider": "openai"}', '70000000-0000-4000-8000-000000000001');
      insert into public.chat_sessions values (1, 1, '70000000-0000-4000-8000-000000000001', 'Talk');
      insert into public.chat_messages values (1, 1, 'human', 'Hello')`);
    return address;
  } finally {
    await other.end();
  }
}
