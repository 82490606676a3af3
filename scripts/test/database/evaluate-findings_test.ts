import assert from "node:assert/strict";
import { createResults } from "../results.ts";
import { evaluateFindings, type Exception, type Finding } from "./evaluate-findings.ts";

const seen: Finding = { lint: "open_table", detail: "Table public.planted_open is open" };
const real: Finding = { lint: "open_table", detail: "Table public.agents is open" };

function failuresOf(findings: Finding[], exceptions: Exception[] = []): string[] {
  const results = createResults();
  evaluateFindings(results, "lint", findings, [["open_table", "planted_open"]], exceptions);
  return results.failures.map(({ name }) => name);
}

Deno.test("evaluateFindings() passes when it finds the planted violation and nothing else", () => {
  assert.deepEqual(failuresOf([seen]), []);
});

Deno.test("evaluateFindings() fails when it does not find the planted violation", () => {
  assert.deepEqual(failuresOf([]), ["lint sees open_table (planted_open)"]);
});

Deno.test("evaluateFindings() fails when the planted violation is found by another lint only", () => {
  assert.deepEqual(failuresOf([{ ...seen, lint: "no_key" }]), [
    "lint sees open_table (planted_open)",
  ]);
});

Deno.test("evaluateFindings() fails on a finding that is not accepted", () => {
  assert.deepEqual(failuresOf([seen, real]), ["lint finds nothing"]);
});

Deno.test("evaluateFindings() passes on a finding that was accepted with a reason", () => {
  const exception = { lint: "open_table", object: "public.agents", reason: "It is a catalogue." };
  assert.deepEqual(failuresOf([seen, real], [exception]), []);
  assert.deepEqual(failuresOf([seen], [exception]), ["lint has no stale exception"]);
});
