import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { addDays, daysBetween, isDay, writtenDay } from "../../common/days.ts";
import { sumOf } from "./compared.ts";
import {
  counted,
  type Dollars,
  exactCount,
  exactDollars,
  largest,
  meanRating,
  plainDollars,
  share,
  shortCount,
  shortDollars,
} from "./numbers.ts";
import { noFigures } from "./sample-report.ts";

Deno.test("counts are written short or exact", () => {
  const counts = [
    0,
    7,
    999,
    1_000,
    12_345,
    500_000,
    999_600,
    4_500_000,
    3e9,
    4.2e12,
    9_007_199_254_740_993n,
  ];
  deepEqual(counts.map(shortCount), [
    "0",
    "7",
    "999",
    "1 k",
    "12.3 k",
    "500 k",
    "1 M",
    "4.5 M",
    "3 G",
    "4.2 T",
    "9.01 P",
  ]);
  equal(exactCount(1234567), "1,234,567");
  equal(exactCount(9_007_199_254_740_993n), "9,007,199,254,740,993");
  deepEqual([1, 2_000].map((count) => counted(count, "rating")), ["1 rating", "2,000 ratings"]);
});

Deno.test("the largest is found among any number of values", () => {
  equal(largest(Array.from({ length: 500_000 }, (_, index) => index % 499_999)), 499_998);
  equal(largest([]), -Infinity);
});

Deno.test("a share is never rounded to nothing or to everything", () => {
  const shares = [[0, 0], [0, 5], [1, 3], [1, 100_000], [99_999, 100_000], [5, 5]] as const;
  deepEqual(shares.map(([part, whole]) => share(part, whole)), [
    "–",
    "0.0 %",
    "33.3 %",
    "<0.1 %",
    ">99.9 %",
    "100.0 %",
  ]);
});

Deno.test("rows add up, and means are weighted by their ratings", () => {
  const one = { ...noFigures, interactions: 3, satisfaction: { mean: 5, ratings: 1 } };
  const two = { ...noFigures, interactions: 4, satisfaction: { mean: 2, ratings: 2 } };
  const sum = sumOf([{ ...one, total_cost: "0.5" }, { ...two, total_cost: "6.25" }, noFigures]);
  deepEqual(sum, { interactions: 7, total_cost: "6.75", satisfaction: { mean: 3, ratings: 3 } });
  equal(meanRating(sum.satisfaction), "3.00");
  equal(meanRating(sumOf([]).satisfaction), "–");
});

Deno.test("dollars are written without losing a decimal", () => {
  const texts: Dollars[] = [
    "0",
    "0.1",
    "12",
    "1234567.8901234567",
    "0.0000000001",
    "98765432109876.5432100000",
  ];
  deepEqual(texts.map(exactDollars), [
    "$0.00",
    "$0.10",
    "$12.00",
    "$1,234,567.8901234567",
    "$0.0000000001",
    "$98,765,432,109,876.54321",
  ]);
  equal(plainDollars("1234567.8901234567"), "1234567.8901234567");
  const parts = fc.tuple(
    fc.bigInt({ min: 0n, max: 10n ** 14n }),
    fc.integer({ min: 0, max: 99_999_999 }),
  );
  fc.assert(fc.property(parts, ([whole, tail]) => {
    const text = z.templateLiteral([z.number()]).parse(`${whole}.0${tail + 100_000_000}`);
    equal(plainDollars(text), text.replace(/0+$/, ""));
  }));
});

Deno.test("a short cost has cents or two significant digits, and a small one is never shown as zero", () => {
  const texts: Dollars[] = [
    "0",
    "1234.565",
    "1",
    "0.995",
    "0.42",
    "0.2000000001",
    "0.0425",
    "0.00123456",
    "0.0000000001",
  ];
  deepEqual(texts.map(shortDollars), [
    "$0.00",
    "$1,234.57",
    "$1.00",
    "$1.00",
    "$0.42",
    "$0.20",
    "$0.043",
    "$0.0012",
    "$0.0000000001",
  ]);
});

Deno.test("days follow the calendar across changes of the clock", () => {
  deepEqual(daysBetween("2026-03-27", "2026-03-30"), [
    "2026-03-27",
    "2026-03-28",
    "2026-03-29",
    "2026-03-30",
  ]);
  equal(addDays("2028-03-01", -1), "2028-02-29");
  deepEqual(["2026-02-28", "2026-02-29", "2026-2-1", "today"].map(isDay), [
    true,
    false,
    false,
    false,
  ]);
});

Deno.test("a day is written as long as its space allows", () => {
  equal(writtenDay("2026-09-04"), "4 Sep 2026");
  equal(writtenDay("2026-09-04", "short"), "4 Sep");
  equal(writtenDay("2026-09-04", "weekday"), "Fri 04 Sep");
});
