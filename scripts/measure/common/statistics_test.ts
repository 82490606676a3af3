import assert from "node:assert/strict";
import { median, pairedRatio, percentile } from "./statistics.ts";

Deno.test("a percentile is a value that was measured, by nearest rank", () => {
  const values = Array.from({ length: 200 }, (_, position) => 200 - position);
  assert.equal(percentile(values, 0.5), 100);
  assert.equal(percentile(values, 0.99), 198);
  assert.equal(percentile(values, 1), 200);
  assert.equal(percentile([7], 0.5), 7);
  assert.ok(Number.isNaN(percentile([], 0.5)));
});

Deno.test("the median is the middle, or between the two in the middle", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 2, 100]), 3);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("a paired ratio is not affected by a machine that is slower for a while", () => {
  assert.equal(pairedRatio([50, 5, 50], [100, 10, 100]), 0.5);
});
