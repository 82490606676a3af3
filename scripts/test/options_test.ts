import assert from "node:assert/strict";
import { parseTestOptions } from "./options.ts";

const layers = ["format", "database-17", "database-15", "e2e"];

Deno.test("parseTestOptions() runs everything by default", () => {
  assert.deepEqual(parseTestOptions([], layers), { only: [], match: null, hosts: 1 });
});

Deno.test("parseTestOptions() takes several layers, and one name for both databases", () => {
  assert.deepEqual(parseTestOptions(["--only", "format,e2e"], layers).only, ["format", "e2e"]);
  assert.deepEqual(parseTestOptions(["--only=database"], layers).only, [
    "database-17",
    "database-15",
  ]);
  assert.deepEqual(parseTestOptions(["--only", "database-15", "--match", "policies"], layers), {
    only: ["database-15"],
    match: "policies",
    hosts: 1,
  });
});

Deno.test("parseTestOptions() refuses unknown arguments", () => {
  assert.throws(
    () => parseTestOptions(["--only", "lint"], layers),
    /--only "lint" is unknown; the layers are format, database-17/,
  );
  assert.throws(() => parseTestOptions(["--only"], layers), /argument missing/);
  assert.throws(
    () => parseTestOptions(["--fast"], layers),
    /Unknown option '--fast'. "npm run test -- --help" lists them/,
  );
});
