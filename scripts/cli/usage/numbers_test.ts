import { deepEqual, equal } from "node:assert/strict";
import {
  addDays,
  dayIn,
  daysBetween,
  isDay,
  latestDayAnywhere,
  writtenDay,
} from "../../common/days.ts";
import { noFigures, sumOf } from "./figures.ts";
import { counted, exactCount, largest, meanRating, share, shortCount } from "./numbers.ts";

Deno.test("counts are short or exact", () => {
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

Deno.test("figures add up, and means weigh by their ratings", () => {
  const one = { ...noFigures(), interactions: 3, cost: 5n, satisfaction: { mean: 5, ratings: 1 } };
  const two = { ...noFigures(), interactions: 4, cost: 6n, satisfaction: { mean: 2, ratings: 2 } };
  const sum = sumOf([one, two, noFigures()]);
  deepEqual([sum.interactions, sum.cost, sum.satisfaction], [7, 11n, { mean: 3, ratings: 3 }]);
  equal(meanRating(sum.satisfaction), "3.00");
  equal(meanRating(sumOf([]).usefulness), "–");
});

Deno.test("days follow the calendar, whatever the clock does", () => {
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

Deno.test("today is that of the time zone", () => {
  const moment = new Date("2026-03-31T23:30:00Z");
  equal(dayIn("Europe/Berlin", moment), "2026-04-01");
  equal(dayIn("America/New_York", moment), "2026-03-31");
  equal(latestDayAnywhere(moment), "2026-04-01");
  equal(latestDayAnywhere(new Date("2026-03-31T09:59:59Z")), "2026-03-31");
});

Deno.test("a day is written for the room that there is", () => {
  equal(writtenDay("2026-09-04"), "4 Sep 2026");
  equal(writtenDay("2026-09-04", "short"), "4 Sep");
  equal(writtenDay("2026-09-04", "weekday"), "Fri 04 Sep");
});
