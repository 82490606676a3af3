import assert from "node:assert/strict";
import { parsePgbench } from "../../scripts/bench/database/pgbench.ts";
import { scripts } from "../../scripts/bench/database/scripts.ts";
import { parseServerTiming } from "../../scripts/bench/load/closed-loop.ts";
import { isWhole, question, requestBody } from "../../scripts/bench/question.ts";
import { withNumbers } from "../../scripts/bench/report/page.ts";
import { table } from "../../scripts/bench/report/table.ts";

const said = "number of transactions actually processed: 431\ntps = 107.1 (without …)\n";
const progress = [
  "progress: 1.0 s, 50.0 tps, lat 9.8 ms stddev 1.2, 0 failed",
  "progress: 2.0 s, 100.0 tps, lat 9.8 ms stddev 1.2, 0 failed",
  "progress: 3.0 s, 200.0 tps, lat 9.8 ms stddev 1.2, 0 failed",
].join("\n");

Deno.test("pgbench's first second does not count", () => {
  assert.deepEqual(parsePgbench(said, progress), { perSecond: 150, count: 431 });
});

Deno.test("a run of pgbench in which a client failed is none", () => {
  const aborted = "pgbench: error: client 0 script 0 aborted in command 2 query 0: ERROR:  no";
  assert.equal(parsePgbench(said, `${progress}\n${aborted}`), null);
  assert.equal(parsePgbench("", progress), null);
  assert.equal(parsePgbench(said, ""), null);
});

Deno.test("pgbench finds no variables in the scripts but those that they set", () => {
  for (const [name, script] of Object.entries(scripts)) {
    const found = [...script.matchAll(/(?<!:):([A-Za-z_]\w*)/g)].map((match) => match[1]);
    const unknown = found.filter((variable) =>
      !["n", "turn", "client_id"].includes(variable ?? "")
    );
    assert.deepEqual(unknown, [], name);
  }
});

Deno.test("server-timing is read by name, and what has no duration is left out", () => {
  assert.deepEqual(parseServerTiming('auth;dur=0.3, cache;desc="hit", begin;desc=x;dur=12'), [
    { name: "auth", milliseconds: 0.3 },
    { name: "begin", milliseconds: 12 },
  ]);
  assert.deepEqual(parseServerTiming(""), []);
});

Deno.test("an answer counts only when all of it came", () => {
  const whole = JSON.stringify({ choices: [{ message: { content: question } }] });
  assert.ok(isWhole(whole, false));
  assert.ok(!isWhole(whole.slice(0, -1), false));
  assert.ok(isWhole("data: {}\n\ndata: [DONE]\n\n", true));
  assert.ok(!isWhole("data: {}\n\n", true));
  assert.ok(!isWhole('data: {"error":{"message":"cut"}}\n\ndata: [DONE]\n\n', true));
});

Deno.test("a streamed request asks for usage, as a turn with a price needs it", () => {
  assert.deepEqual(JSON.parse(requestBody("echo", true)), {
    model: "echo",
    messages: [{ role: "user", content: question }],
    stream: true,
    stream_options: { include_usage: true },
  });
});

Deno.test("a table is aligned", () => {
  assert.equal(
    table(["way", "ms"], [["direct", "1.5"], ["x", "120.0"]]),
    "| way    |    ms |\n| ------ | ----: |\n| direct |   1.5 |\n| x      | 120.0 |",
  );
});

Deno.test("numbers replace the numbers before them, and nothing else of the page", async () => {
  const page = await Deno.readTextFile(new URL("../../docs/benchmarks.md", import.meta.url));
  const once = withNumbers(page, "chat", "first");
  const twice = withNumbers(once, "chat", "second");
  assert.ok(twice.includes("second") && !twice.includes("first\n"));
  const [before] = page.split("<!-- numbers");
  assert.ok(twice.startsWith(before ?? "-"));
  assert.throws(() => withNumbers("no marks", "chat", "x"), /Put them back/);
});
