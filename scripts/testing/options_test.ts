import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

const layers = ["format", "database-17", "database-15", "e2e"];

Deno.test("parseOptions() runs everything by default", () => {
  assert.deepEqual(parseOptions([], layers), { help: false, only: [], match: null });
});

Deno.test("parseOptions() takes several layers, and one name for both databases", () => {
  assert.deepEqual(parseOptions(["--only", "format,e2e"], layers).only, ["format", "e2e"]);
  assert.deepEqual(parseOptions(["--only=database"], layers).only, ["database-17", "database-15"]);
  assert.deepEqual(parseOptions(["--only", "database-15", "--match", "policies"], layers), {
    help: false,
    only: ["database-15"],
    match: "policies",
  });
});

Deno.test("parseOptions() refuses what it does not know", () => {
  assert.throws(() => parseOptions(["--only", "lint"], layers), /Cannot run layer "lint"/);
  assert.throws(() => parseOptions(["--only"], layers), /value is missing/);
  assert.throws(() => parseOptions(["--fast"], layers), /Cannot read argument "--fast"/);
});
