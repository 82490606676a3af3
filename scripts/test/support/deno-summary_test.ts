import assert from "node:assert/strict";
import { readDenoSummary } from "./deno-summary.ts";

Deno.test("readDenoSummary() counts and names failed tests", () => {
  const output = [
    "first ... ok (1ms)",
    " ERRORS ",
    "second => is named so => ./a_test.ts:3:6",
    "error: AssertionError",
    " FAILURES ",
    "",
    "second => is named so => ./a_test.ts:3:6",
    "third ... step => ./a_test.ts:4:54",
    "",
    "FAILED | 1 passed | 2 failed (1 step) | 4 ignored (20ms)",
  ].join("\n");
  assert.deepEqual(readDenoSummary(output), {
    passed: 1,
    failed: 2,
    ignored: 4,
    names: ["second => is named so", "third ... step"],
  });
});

Deno.test("readDenoSummary() reads a run without failures", () => {
  assert.deepEqual(readDenoSummary("ok | 12 passed (3 steps) | 0 failed (1s)\n"), {
    passed: 12,
    failed: 0,
    ignored: 0,
    names: [],
  });
});

Deno.test("readDenoSummary() returns null if Deno did not finish", () => {
  assert.equal(readDenoSummary("error: Module not found"), null);
});
