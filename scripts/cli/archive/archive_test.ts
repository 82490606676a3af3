import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { readManifest } from "./manifest.ts";
import { parseArchiveOptions } from "./options.ts";
import { restoreMonths } from "./restore-months.ts";
import { writeMonths } from "./write-months.ts";

/** Texts that break careless CSV, and amounts that a float would round. */
const rows = `
  insert into public.ai_interactions (
    organization_id, user_id, title, description, full_content, external_metadata, tags, keywords, source, turn_state,
    input_tokens, output_tokens, total_cost, cost_breakdown, satisfaction_rating, started_at, ended_at, status
  )
  select
    '00000000-0000-4000-8000-0000000000ac', '00000000-0000-4000-8000-00000000000a', 'Nr. ' || n || ', "quoted"',
    case when n % 2 = 0 then '' end, E'Zeile 1\\r\\nline 2\\t\\\\N é 🦊', '{"a": [1, "\\\\"]}', array['a,b', '', '"'], array['NULL'],
    case when n % 3 = 0 then 'manual' else 'chat' end, case when n % 3 > 0 then 'succeeded' end, n, n * 3,
    case when n % 5 > 0 then n * 0.0000000001 + case when n % 3 = 0 then 345.6789012345 else 12345.6789012345 end end, '{"input": 0.123456789012345678901234567890}',
    nullif(n % 6, 0), moment, moment + interval '90 minutes', case when n % 21 = 0 then 'deleted' else 'completed' end
  from generate_series(1, 300) as n,
  lateral (select timestamptz '2024-11-20 23:59:59.999999Z' + n * interval '6 hours 1 microsecond' as moment) times`;

Deno.test("archived interactions are restored equal to the last decimal, and usage figures never change", async () => {
  const database = await startTemporaryDatabase();
  const folder = await Deno.makeTempDir({ prefix: "agentbase-archive-" });
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  const ledger = async () =>
    (await sql`select interactions::text as row from public.ai_interactions interactions order by id`)
      .map(({ row }) => row);
  const figures = async () => [
    ...await sql`
      select * from public.get_usage('day', '2024-11-01', '2025-03-31',
        '00000000-0000-4000-8000-0000000000ac')`,
  ];
  const differences = async () =>
    (await sql`select * from public.verify_daily_usage('2024-11-01', '2025-03-31')`).length;
  try {
    await applyMigrations({ url: database.url, seed: true });
    const empty = join(folder, "empty");
    await writeMonths(sql, { before: "2025-02-01", folder: empty, report });
    equal(lines.pop(), "Nothing to archive: no interaction began before 2025-02-01.");
    await rejects(Deno.stat(empty), Deno.errors.NotFound);
    await sql.unsafe(rows);
    const [before, figuresBefore] = [await ledger(), await figures()];

    await writeMonths(sql, { before: "2025-02-01", folder, report });
    const { months } = await readManifest(folder);
    deepEqual(months.map(({ month, rows }) => [month, rows]), [
      ["2024-11", 39],
      ["2024-12", 124],
      ["2025-01", 124],
    ]);
    match(lines[1] ?? "", /^2\/3 {2}2024-12 {2}124 interactions, \d+\.\d+ US dollars/);
    equal(lines.at(-1), `3 months with 287 interactions are in "${folder}".`);

    await sql`select public.refresh_daily_usage()`;
    await sql`select public.refresh_daily_usage()`;
    await sql`update public.plans set interaction_days = 62`;
    const [removed] =
      await sql`select sum(private.remove_old_interactions(id, 1000))::integer as count from public.organizations`;
    equal(removed?.count, 300);
    deepEqual(await figures(), figuresBefore);

    // Again, with nothing left to write: the archive stays as it is.
    lines.length = 0;
    await writeMonths(sql, { before: "2025-02-01", folder, report });
    deepEqual((await readManifest(folder)).months, months);

    await restoreMonths(sql, folder, report);
    const restored = await ledger();
    equal(restored.length, 287);
    deepEqual(restored, before.filter((row) => restored.includes(row)));
    deepEqual(await figures(), figuresBefore);
    equal(await differences(), 0);
    lines.length = 0;
    await restoreMonths(sql, folder, report);
    equal(lines[0], "1/3  2024-11  0 restored, 39 existed already");
    equal((await ledger()).length, 287);

    const damaged = join(folder, months[1]?.file ?? "");
    await Deno.writeTextFile(damaged, "x", { append: true });
    await rejects(restoreMonths(sql, folder, report), /it has changed since it was written/);
    await rejects(
      writeMonths(sql, { before: "2025-02-01", folder, report }),
      /it has changed since it was written/,
    );
    await Deno.remove(damaged);
    await rejects(restoreMonths(sql, folder, report), /it is missing/);
  } finally {
    await sql.end();
    await database.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an archive is updated with changed interactions, and keeps removed ones", async () => {
  const database = await startTemporaryDatabase();
  const folder = await Deno.makeTempDir({ prefix: "agentbase-archive-" });
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const lines: string[] = [];
  const report = (line: string) => void lines.push(line);
  const write = (before: string) => writeMonths(sql, { before, folder, report });
  const idOf = (n: number) => `30000000-0000-4000-8000-00000000000${n}`;
  const insert = (n: number, day: string) =>
    sql`
      insert into public.ai_interactions (id, organization_id, title, total_cost, started_at)
      values (${idOf(n)}, '00000000-0000-4000-8000-0000000000ac', ${`Nr. ${n}`}, ${n}, ${day})`;
  const ledger = async () =>
    (await sql`
      select title || ' ' || status || ' ' || coalesce(satisfaction_rating, 0) as row
      from public.ai_interactions where id::text like '30%' order by id`).map(({ row }) => row);
  const remove = async () => {
    for (let run = 0; run < 2; run++) await sql`select public.refresh_daily_usage()`;
    const [removed] =
      await sql`select sum(private.remove_old_interactions(id, 1000))::integer as count from public.organizations`;
    return removed?.count;
  };
  const figures = async () => [
    ...await sql`
      select * from public.get_usage('day', '2025-01-01', '2025-12-31',
        '00000000-0000-4000-8000-0000000000ac')`,
  ];
  try {
    await applyMigrations({ url: database.url, seed: true });
    await sql`update public.plans set interaction_days = 62`;
    for (const n of [1, 2, 3, 4]) await insert(n, "2025-01-10");
    await insert(5, "2025-02-10");
    // A part of a month, which goes on later.
    await write("2025-01-11");
    await sql`delete from public.ai_interactions where id = ${idOf(4)}`;
    await insert(4, "2025-01-20");
    await write("2025-02-01");
    match(
      lines.at(-2) ?? "",
      /^1\/1 {2}2025-01 {2}4 interactions, 10 US dollars, .*; there were 4$/,
    );

    await sql`update public.ai_interactions set satisfaction_rating = 5 where id = ${idOf(1)}`;
    await sql`update public.ai_interactions set status = 'deleted' where id = ${idOf(2)}`;
    await insert(6, "2025-01-05");
    await write("2025-02-01");
    equal(await remove(), 6);
    const before = await figures();
    await restoreMonths(sql, folder, report);
    deepEqual(await ledger(), [
      "Nr. 1 active 5",
      "Nr. 2 deleted 0",
      "Nr. 3 active 0",
      "Nr. 4 active 0",
      "Nr. 6 active 0",
    ]);
    deepEqual(await figures(), before);

    // Some rows were removed, one is new, and an interruption leaves the archive as it was.
    await sql`update public.ai_interactions set started_at = '2025-01-21' where id = ${idOf(4)}`;
    equal(await remove(), 5);
    await insert(7, "2025-01-31 23:59:59.999999Z");
    const { months } = await readManifest(folder);
    await Deno.mkdir(join(folder, "manifest.json.part"));
    await rejects(write("2025-02-01"), Deno.errors.IsADirectory);
    await Deno.remove(join(folder, "manifest.json.part"));
    deepEqual((await readManifest(folder)).months, months);
    await write("2025-02-01");
    equal(lines.at(-1), `1 months with 6 interactions are in "${folder}".`);
    await write("2025-01-02");
    equal(lines.at(-1), `1 months with 6 interactions are in "${folder}".`);
    deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name.replace(/-[0-9a-f]{8}\./, ".")).sort(),
      ["interactions-2025-01.csv.gz", "manifest.json"],
    );

    // What changed between the last archive and its removal is named.
    await remove();
    const after = await figures();
    lines.length = 0;
    await restoreMonths(sql, folder, report);
    equal(
      lines[0],
      `1/1  2025-01  5 restored, 1 skipped: this database did not remove them, or not in the archived state: ${
        idOf(4)
      }`,
    );
    deepEqual(await figures(), after);
    equal(
      (await sql`select * from public.verify_daily_usage('2025-01-01', '2025-12-31')`).length,
      0,
    );
  } finally {
    await sql.end();
    await database.stop();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("invalid arguments are refused with the reason", () => {
  const refused: [string[], RegExp][] = [
    [[], /--to <folder> is missing/],
    [["--to", "a"], /--before "" is not a day/],
    [["--to", "a", "--before", "2026-02-30"], /--before "2026-02-30" is not a day/],
    [["--restore"], /--from <folder> is missing/],
    [["--restore", "--from", "a", "--to", "b"], /--to cannot be used with --restore/],
    [
      ["--to", "a", "--from", "b", "--before", "2026-01-01"],
      /--from cannot be used without --restore/,
    ],
    [["--unknown"], /Unknown option/],
  ];
  for (const [args, reason] of refused) throws(() => parseArchiveOptions(args), reason);
  deepEqual(parseArchiveOptions(["--before", "2026-01-01", "--to", "a"]), {
    before: "2026-01-01",
    folder: "a",
    restore: false,
  });
});
