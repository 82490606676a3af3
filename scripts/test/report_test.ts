import assert from "node:assert/strict";
import { summary } from "./report.ts";
import { createResults, record } from "./results.ts";

Deno.test("summary() ends with a plain line of counts over all layers", () => {
  const first = createResults();
  record(first, "a", []);
  record(first, "b", ["broken"]);
  const second = createResults();
  record(second, "c", []);
  assert.equal(summary([first, second], 1000).split("\n").at(-1), "2 passed, 1 failed");
});

Deno.test("summary() lists and counts what was not run", () => {
  const results = createResults();
  results.notRun.push("Postgres 15: it needs Debian 12");
  const lines = summary([results], 0).split("\n");
  assert.ok(lines.includes("1 NOT RUN on this machine:"));
  assert.ok(lines.includes("  ! Postgres 15: it needs Debian 12"));
});
