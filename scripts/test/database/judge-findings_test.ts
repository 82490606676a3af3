import assert from "node:assert/strict";
import { createTally } from "../tally.ts";
import { type Exception, type Finding, judgeFindings } from "./judge-findings.ts";

const seen: Finding = { lint: "open_table", detail: "Table public.canary_open is open" };
const real: Finding = { lint: "open_table", detail: "Table public.agents is open" };

function failuresOf(findings: Finding[], exceptions: Exception[] = []): string[] {
  const tally = createTally();
  judgeFindings(tally, "lint", findings, [["open_table", "canary_open"]], exceptions);
  return tally.failures.map(({ name }) => name);
}

Deno.test("judgeFindings() passes when it finds the canary and nothing else", () => {
  assert.deepEqual(failuresOf([seen]), []);
});

Deno.test("judgeFindings() fails when it does not find the canary", () => {
  assert.deepEqual(failuresOf([]), ["lint sees open_table (canary_open)"]);
});

Deno.test("judgeFindings() fails when the canary is found by another lint only", () => {
  assert.deepEqual(failuresOf([{ ...seen, lint: "no_key" }]), [
    "lint sees open_table (canary_open)",
  ]);
});

Deno.test("judgeFindings() fails on a finding that nobody accepted", () => {
  assert.deepEqual(failuresOf([seen, real]), ["lint finds nothing"]);
});

Deno.test("judgeFindings() passes on a finding that was accepted with a reason", () => {
  const exception = { lint: "open_table", object: "public.agents", reason: "It is a catalogue." };
  assert.deepEqual(failuresOf([seen, real], [exception]), []);
  assert.deepEqual(failuresOf([seen], [exception]), ["lint has no stale exception"]);
});
