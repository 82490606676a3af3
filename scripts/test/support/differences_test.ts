import assert from "node:assert/strict";
import { differences } from "./differences.ts";

Deno.test("differences() marks the lines that only one text has", () => {
  assert.deepEqual(differences("a\nb\nc", "a\nc\nd"), ["- b", "+ d"]);
});

Deno.test("differences() counts repeated lines", () => {
  assert.deepEqual(differences("a\na\na", "a"), ["- a", "- a"]);
});

Deno.test("differences() is empty for equal texts and says how much it leaves out", () => {
  assert.deepEqual(differences("a\nb", "a\nb"), []);
  const many = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");
  const lines = differences(many, "");
  assert.equal(lines.at(-1), "… and 20 more lines");
});
