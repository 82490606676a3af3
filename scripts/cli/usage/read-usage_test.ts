import { deepEqual, match, ok, rejects } from "node:assert/strict";
import { reportAsJson } from "./json.ts";
import { parseUsageOptions } from "./options.ts";
import { usagePage } from "./page/page.ts";
import { readUsage } from "./read-usage.ts";
import { terminalReport } from "./terminal/terminal-report.ts";

const now = () => new Date("2026-03-31T05:00:00Z");

/** An API that answers every question with one row, and counts the questions. */
function startApi(row: Record<string, string | null>) {
  const state = { questions: 0 };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    state.questions++;
    return Response.json([row]);
  });
  const source = { url: `http://127.0.0.1:${server.addr.port}`, secretKey: "sb_secret_x" };
  return { state, source, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** A trillion tokens are the most that one interaction has; 10,000 of them are more than 2^53. */
const row = {
  key: "2026-03-30",
  label: "2026-03-30",
  interactions: "10001",
  failed: "0",
  input_tokens: "10001000000000001",
  output_tokens: "9007199254740993",
  total_cost: "1",
  recorded_cost: "7.5",
  unpriced: "0",
  recorded: "2",
  avg_satisfaction: null,
  satisfaction_ratings: "0",
  avg_usefulness: null,
  usefulness_ratings: "0",
};

Deno.test("sums of tokens are exact beyond what a number holds, in every form", async () => {
  await using api = startApi(row);
  const report = await readUsage(api.source, parseUsageOptions(["--days", "2"]), now);
  deepEqual([report.total.inputTokens, report.total.outputTokens], [
    10_001_000_000_000_001n,
    9_007_199_254_740_993n,
  ]);
  match(
    reportAsJson(report),
    /"input_tokens": 10001000000000001,\n *"output_tokens": 9007199254740993,/,
  );
  const text = terminalReport(report, { columns: 100, colors: false });
  match(text, /Tokens +19 P +10,001,000,000,000,001 in, 9,007,199,254,740,993 out/);
  ok(usagePage(report).includes("9,007,199,254,740,993 out"));
});

Deno.test("what was recorded by hand stands beside the cost in every form", async () => {
  await using api = startApi(row);
  const report = await readUsage(api.source, parseUsageOptions(["--days", "2"]), now);
  match(reportAsJson(report), /"total_cost": "1\.00",\n *"recorded_cost": "7\.50",/);
  const text = terminalReport(report, { columns: 100, colors: false });
  match(text, /^ {2}Cost +\$1\.00$/m);
  match(text, /^ {2}Recorded +\$7\.50 {2}2 by hand, not in the cost$/m);
  const page = usagePage(report);
  ok(page.includes("<dt>Recorded</dt>") && page.includes("<td>$7.50</td>"));
});

Deno.test("a range of too many days is refused before anything is asked", async () => {
  await using api = startApi(row);
  const reason = (...args: string[]) =>
    rejects(
      readUsage(api.source, parseUsageOptions(args), now),
      /^CommandError: Cannot report on the [\d,]+ days from 1970-01-01 to \d{4}-\d\d-\d\d: the most are 3,660\. Choose a later --from\.$/,
    );
  await reason("--from", "1970-01-01");
  await reason("--from", "1970-01-01", "--to", "1980-01-09");
  deepEqual(api.state.questions, 0);
  const report = await readUsage(
    api.source,
    parseUsageOptions(["--from", "1970-01-01", "--to", "1980-01-08"]),
    now,
  );
  deepEqual(report.days.length, 3_660);
  ok(usagePage(report).length > 0);
  ok(terminalReport(report, { columns: 100, colors: false }).length > 0);
});
