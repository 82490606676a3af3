import { deepEqual, match, ok, rejects } from "node:assert/strict";
import { reportAsJson } from "./json.ts";
import { parseUsageOptions } from "./options.ts";
import { usagePage } from "./page/page.ts";
import { readUsage } from "./read-usage.ts";
import { noMeasures } from "./sample-report.ts";
import { terminalReport } from "./terminal/terminal-report.ts";

/** A trillion tokens are the most that one interaction has; 10,000 of them are more than 2^53. */
const figures = {
  ...noMeasures,
  interactions: "10001",
  input_tokens: "10001000000000001",
  output_tokens: "9007199254740993",
  total_cost: "1",
  recorded_cost: "7.5",
  recorded: "2",
  satisfaction_sum: "9",
  satisfaction_count: "2",
};

function answer() {
  const rows = [{ key: "x", label: null, ...figures }];
  return {
    organization: "Acme",
    time_zone: "UTC",
    from: "2026-03-30",
    to: "2026-03-30",
    read_at: "2026-03-31T05:00:00+00:00",
    total: figures,
    days: [{ key: "2026-03-30", label: "2026-03-30", ...figures }],
    by: { vendor: rows, model: rows, agent: rows, user: rows, feature: rows },
  };
}

/** An API that gives one answer, and keeps what it was asked. */
function startApi(body: unknown, status = 200) {
  const asked: unknown[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    asked.push([new URL(request.url).pathname, await request.json()]);
    return Response.json(body, { status });
  });
  const source = { url: `http://127.0.0.1:${server.addr.port}`, secretKey: "sb_secret_x" };
  return { asked, source, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("a report is read by one call", async () => {
  await using api = startApi(answer());
  const report = await readUsage(api.source, parseUsageOptions(["--organization", "acme"]));
  deepEqual(api.asked, [["/rest/v1/rpc/get_usage_report", {
    from_date: null,
    to_date: null,
    organization: "acme",
    days: 30,
  }]]);
  deepEqual(report.readAt, new Date("2026-03-31T05:00:00Z"));
  deepEqual(report.total.satisfaction, { mean: 4.5, ratings: 2 });
  deepEqual(report.total.usefulness, { mean: null, ratings: 0 });
  deepEqual(report.by.feature?.map(({ label }) => label), ["without feature"]);
});

Deno.test("sums of tokens are exact beyond the range of a number, in every output", async () => {
  await using api = startApi(answer());
  const report = await readUsage(api.source, parseUsageOptions([]));
  deepEqual([report.total.input_tokens, report.total.output_tokens], [
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

Deno.test("the cost of manual records is shown beside the cost of turns in every output", async () => {
  await using api = startApi(answer());
  const report = await readUsage(api.source, parseUsageOptions([]));
  match(reportAsJson(report), /"total_cost": "1\.00",\n *"recorded_cost": "7\.50",/);
  const text = terminalReport(report, { columns: 100, colors: false });
  match(text, /^ {2}Cost +\$1\.00$/m);
  match(text, /^ {2}Recorded +\$7\.50 {2}2 by hand, not in the cost$/m);
  const page = usagePage(report);
  ok(page.includes("<dt>Recorded</dt>") && page.includes("<td>$7.50</td>"));
});

Deno.test("a business error is shown as it is, any other failure with what to check", async () => {
  const reason = async (code: string, complaint: RegExp) => {
    await using api = startApi(
      { code, message: "Too long.", hint: "Ask for less.", details: "" },
      400,
    );
    await rejects(readUsage(api.source, parseUsageOptions([])), complaint);
  };
  await reason("PT400", /^CommandError: Too long\. Ask for less\.$/);
  await reason("42501", /^CommandError: Cannot read the figures: Too long\.\. Check that /);
});
