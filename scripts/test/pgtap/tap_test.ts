import assert from "node:assert/strict";
import { readTap } from "./tap.ts";

Deno.test("readTap() reads plan, assertions and their diagnostics", () => {
  const report = readTap([
    { plan: "1..3" },
    { ok: "ok 1 - rows are kept" },
    { act_as: "" },
    { id: 7, note: null },
    { is: 'not ok 2 - rows are equal\n# Failed test 2: "rows are equal"\n#     have: 1' },
    { ok: "ok 3" },
  ]);
  assert.equal(report.planned, 3);
  assert.deepEqual(report.assertions, [
    { passed: true, name: "rows are kept", diagnostics: [] },
    {
      passed: false,
      name: "rows are equal",
      diagnostics: ['# Failed test 2: "rows are equal"', "#     have: 1"],
    },
    { passed: true, name: "", diagnostics: [] },
  ]);
});

Deno.test("readTap() counts skipped and todo assertions as failed", () => {
  const { assertions } = readTap([
    { skip: "ok 1 # SKIP no such extension" },
    { todo: "not ok 2 - later # TODO not yet" },
  ]);
  assert.deepEqual(assertions.map(({ passed }) => passed), [false, false]);
});

Deno.test("readTap() finds no plan where there is none", () => {
  assert.equal(readTap([{ ok: "ok 1 - alone" }]).planned, null);
});
