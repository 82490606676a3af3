import assert from "node:assert/strict";
import { withNumbers } from "./page.ts";
import { table } from "./table.ts";
import { pathInProject } from "../../common/path-in-project.ts";

Deno.test("a table aligns its first column left and the others right, in lines of equal length", () => {
  assert.equal(
    table(["way", "ms"], [["direct", "1.5"], ["x", "120.0"]]),
    "| way    |    ms |\n| ------ | ----: |\n| direct |   1.5 |\n| x      | 120.0 |",
  );
});

Deno.test("new results replace the previous ones, and nothing else on the page", async () => {
  const page = await Deno.readTextFile(pathInProject("docs/benchmarks.md"));
  const once = withNumbers(page, "chat", "numbers of the first run");
  const twice = withNumbers(once, "chat", "numbers of the second run");
  assert.ok(once.includes("of the first run") && !twice.includes("of the first run"));
  assert.ok(twice.includes("of the second run"));
  const [before] = page.split("<!-- numbers");
  assert.ok(twice.startsWith(before ?? "-"));
  assert.throws(() => withNumbers("no marks", "chat", "x"), /Put them back/);
});
