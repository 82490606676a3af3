import { deepStrictEqual as deepEqual, match, strictEqual as equal } from "node:assert";
import { growthMarkdown, growthOf, tooSteep } from "./markdown.ts";
import { parseGrowthOptions } from "./options.ts";

const question = (times: number[]) => ({
  dataset: "own sessions",
  name: "messages",
  limit: 3,
  times,
  buffers: [1, 2, 3],
});

Deno.test("growth compares the largest size with the smallest, and ignores times below half a millisecond", () => {
  equal(growthOf(question([1, 2, 4])), 4);
  equal(growthOf(question([0.01, 0.1, 0.4])), 1);
});

Deno.test("a question that exceeds its growth limit, or was not measured, is reported", () => {
  const [flat, steep, none] = [question([1, 1, 3]), question([1, 1, 3.1]), question([])];
  deepEqual(tooSteep([flat, steep, none]), [steep, none]);
});

Deno.test("the table has sizes, growth and limit", () => {
  const text = growthMarkdown(
    { day: "2026-01-02", machine: "linux", loadBefore: 0.5 },
    [1000, 2000, 3000],
    [question([1, 2, 4])],
  );
  match(text, /\| messages +\| +1\.00 \| +2\.00 \| +4\.00 \| +1 \/ 2 \/ 3 \| +4\.0× \| +3× \|/);
});

Deno.test("sizes are sorted", () => {
  deepEqual(parseGrowthOptions(["--sizes", "5000,1000"]).sizes, [1000, 5000]);
});
