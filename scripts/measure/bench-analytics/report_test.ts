import { deepEqual, equal, ok, throws } from "node:assert/strict";
import type { SizeReport } from "./bench.ts";
import { analyticsMarkdown } from "./markdown.ts";
import { dataFolder, parseAnalyticsOptions, PARTS } from "./options.ts";
import { compare } from "./timing.ts";
import { growthOf, promisesOf } from "./promises.ts";
import { CommandError } from "../../common/command-error.ts";

const timing = (ms: number, baseMs: number) => ({ ms, baseMs, ratio: ms / baseMs });

function size(rows: number, factor: number): SizeReport {
  const question = { asPerson: "", byHand: "", limit: null, isNarrow: false };
  return {
    rows,
    postgres: "17.10",
    ledgerBytes: rows * 700,
    countsBytes: rows * 100,
    loadSeconds: factor === 1 ? null : 12.4,
    questions: [
      { question: { ...question, name: "all", limit: 25 }, rows: 50, ...timing(24 * factor, 20) },
      { question: { ...question, name: "one", isNarrow: true }, rows: 1, ...timing(2 + factor, 3) },
    ],
    refresh: {
      dayRows: 1_000 * factor,
      newDay: timing(130 * factor, 100 * factor),
      writtenDay: timing(120 * factor, 100 * factor),
      sameDay: timing(200 * factor, 100 * factor),
      edits: 100,
      editsMs: 90 * factor,
    },
    inserts: {
      rows: 400,
      insert: timing(100, 90),
      turn: timing(100, 95),
      insertWork: timing(100, 70),
      turnWork: timing(100, 69),
    },
  };
}

const sizes = [size(1_000_000, 1), size(10_000_000, 2)];

Deno.test("promises are checked on the largest ledger", () => {
  const verdicts = promisesOf(sizes).map(({ target, measured, isKept }) =>
    `${target} ${measured} ${isKept}`
  );
  deepEqual(verdicts, [
    "≤ 1.3× 1.30× true",
    "≤ 1.3× 2.00× false",
    "≤ 100 ms 180 ms false",
    "≤ 25 ms 48 ms false",
    "≤ 1.3× 2.40× false",
    "≤ 1.3× 2.00× false",
    "≥ 0.7× 0.90× true",
    "≥ 0.7× 0.95× true",
    "≥ 0.7× 0.70× true",
    "≥ 0.7× 0.69× false",
  ]);
});

Deno.test("growth is measured per row of a day, and per question for a narrow one", () => {
  deepEqual(growthOf(sizes[0]!, sizes[1]!), [
    { name: "one", ratio: 4 / 3 },
    { name: "a new day, per row", ratio: 1 },
    { name: "a day again, per row", ratio: 1 },
    { name: "late edits", ratio: 2 },
  ]);
});

Deno.test("the report has a table for each part that ran", () => {
  const report = { day: "2026-01-02", machine: "linux", loadBefore: 0.5, rounds: 3 };
  const text = analyticsMarkdown({ ...report, sizes });
  deepEqual(text.match(/^### .*$/gm), [
    "### Promises",
    "### The data",
    "### What dashboards ask",
    "### Counting",
    "### Writing the ledger",
  ]);
  ok(/\| all +\| +24\.0 \| +20\.0 \| +1\.20 \| +48\.0 \| +20\.0 \| +2\.40 \| +\|/.test(text), text);
  const alone = analyticsMarkdown({ ...report, sizes: [{ ...sizes[0]!, questions: null }] });
  ok(!alone.includes("What dashboards ask") && !alone.includes("Growth"));
});

Deno.test("the fastest round counts, and the warm-up does not", async () => {
  const [ours, theirs] = [[1, 30, 20, 25], [2, 10, 40, 16]];
  const next = (series: number[]) => () => Promise.resolve(series.shift() ?? NaN);
  deepEqual(await compare(3, next(ours), next(theirs)), timing(20, 10));
});

Deno.test("without arguments every part is measured with one and ten million rows", () => {
  const options = parseAnalyticsOptions([]);
  deepEqual(options.rows, [1_000_000, 10_000_000]);
  deepEqual(options.parts, [...PARTS]);
});

Deno.test("data are kept beside the stack's, unless another folder is named", () => {
  equal(dataFolder(parseAnalyticsOptions([]), "/stack"), "/stack/bench/analytics");
  equal(dataFolder(parseAnalyticsOptions(["--data", "/d"]), "/stack"), "/d");
});

Deno.test("each size is measured once, the smallest first", () => {
  deepEqual(parseAnalyticsOptions(["--rows", "20000,10000,20000"]).rows, [10_000, 20_000]);
});

Deno.test("invalid arguments of the analytics benchmark are refused with the reason", () => {
  for (
    const [args, reason] of [
      [["--rows", "9999"], /--rows "9999" is not a whole number from 10000/],
      [["--rows", "1e6"], /--rows "1e6"/],
      [["--seed", "-1"], /--seed/],
      [["--only", "inserts,nothing"], /"nothing" is unknown/],
      [["--write", "--rows", "10000"], /two sizes/],
      [["--write", "--only", "inserts"], /all parts/],
    ] as const
  ) {
    throws(
      () => parseAnalyticsOptions(args),
      (error) => error instanceof CommandError && reason.test(error.message),
      args.join(" "),
    );
  }
});
