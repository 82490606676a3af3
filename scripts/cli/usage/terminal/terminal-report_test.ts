import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { hostileName, noFigures, sampleReport } from "../sample-report.ts";
import { bar } from "./bar.ts";
import { cellsOf, fit, printable } from "./cells.ts";
import { terminalReport } from "./terminal-report.ts";

Deno.test("a bar is as long as its share, to an eighth of a cell", () => {
  deepEqual([0, 1 / 1000, 1 / 16, 0.5, 0.55, 1, 2, NaN].map((part) => bar(part, 10)), [
    "",
    "▏",
    "▋",
    "█████",
    "█████▌",
    "██████████",
    "██████████",
    "",
  ]);
});

Deno.test("a name cannot control the terminal", () => {
  const shown = printable(hostileName);
  doesNotMatch(shown, /[\p{Cc}\p{Cf}]/u);
  ok(shown.includes("</title><script>"));
  equal(printable("\x1b]0;owned\x07\u200b"), "]0;owned");
  equal(printable("\n\u202e "), "(no name)");
});

Deno.test("texts fill their cells, wide characters too", () => {
  equal(cellsOf("日本"), 4);
  equal(fit("abc", 5), "abc  ");
  equal(fit("abc", 5, "right"), "  abc");
  equal(fit("abcdef", 4), "abc…");
  equal(fit("日本語", 4), "日… ");
  equal(fit("👩‍💻 dev", 6), "👩‍💻 dev");
});

Deno.test("every line fits the terminal's width, with and without colours", () => {
  for (const columns of [60, 80, 110]) {
    const plain = terminalReport(sampleReport(), { columns, colors: false });
    for (const line of plain.split("\n").filter((line) => /[█▏$]/.test(line)).slice(1)) {
      ok(cellsOf(line) <= columns, `${cellsOf(line)} of ${columns}: ${line}`);
    }
    const painted = terminalReport(sampleReport(), { columns, colors: true });
    ok(painted !== plain);
    equal(painted.replaceAll(new RegExp("\x1b\\[\\d+m", "g"), ""), plain);
  }
});

Deno.test("the report has the totals, every day, and the most expensive of each kind", () => {
  const lines = terminalReport(sampleReport(), { columns: 80, colors: false }).split("\n");
  equal(lines[0], "Usage of Acme, 2 Mar 2026 to 31 Mar 2026");
  equal(lines[1], "  Days          30 days in the time zone Europe/Berlin");
  equal(lines[2], "  Cost          $275.86  exactly $275.8608901265");
  equal(lines[3], "  Recorded      $1.25  3 by hand, not in the cost");
  equal(lines[4], "  Interactions  18,413  59 failed (0.3 %)");
  ok(lines.includes("  ! The price of 2 turns is unknown and not in the cost."));
  equal(lines.filter((line) => /^\w{3} \d\d Mar /.test(line)).length, 30);
  match(lines.find((line) => line.startsWith("Fri 13 Mar")) ?? "", /^Fri 13 Mar\s+\$0\.00\s+0$/);
  match(
    lines.find((line) => line.startsWith("OpenAI")) ?? "",
    / \$137\.93 +50\.0 % +9,206 +4\.18$/,
  );
  match(lines.find((line) => line.startsWith("and 14 others")) ?? "", / \$1\.08 +0\.4 % +72 /);
});

Deno.test("large numbers are written in full", () => {
  const report = sampleReport();
  const dear = (row: ReturnType<typeof sampleReport>["days"][number]) => ({
    ...row,
    total_cost: "1000000000.10" as const,
  });
  const text = terminalReport(
    {
      ...report,
      total: { ...report.total, total_cost: "30000000003.00" },
      days: report.days.map(dear),
      by: { vendor: report.by.vendor?.map(dear) },
    },
    { columns: 60, colors: false },
  );
  const whole = text.split("\n").filter((line) => line.includes(" $1,000,000,000.10"));
  ok(whole.length >= 30 + 3, text);
  doesNotMatch(text, /\d…/);
});

Deno.test("without costs, interactions are compared", () => {
  const free = (row: ReturnType<typeof sampleReport>["days"][number]) => ({
    ...row,
    total_cost: "0" as const,
  });
  const report = sampleReport();
  const text = terminalReport({
    ...report,
    total: { ...report.total, total_cost: "0" },
    days: report.days.map(free),
    by: { vendor: report.by.vendor?.map(free) },
  }, { columns: 80, colors: false });
  match(text, /OpenAI .*█.* \$0\.00 +50\.0 % +9,206/);
});

Deno.test("any number of rows are summed up", () => {
  const report = sampleReport();
  const [row] = report.by.vendor ?? [];
  ok(row !== undefined);
  const text = terminalReport(
    { ...report, by: { user: Array(200_000).fill(row) } },
    { columns: 80, colors: false },
  );
  match(text, /^and 199,992 others /m);
});

Deno.test("a report without usage has no empty table", () => {
  const report = sampleReport();
  const text = terminalReport({
    ...report,
    total: noFigures,
    days: report.days.map(({ key, label }) => ({ key, label, ...noFigures })),
    by: {},
  }, { columns: 80, colors: false });
  equal(text.split("\n").length, 6);
  match(text, /Interactions {2}0 {2}0 failed \(–\)/);
});
