import { table } from "../common/table.ts";
import type { Circumstances } from "../common/run-bench.ts";
import type { Growth } from "./bench.ts";

/**
 * How many times longer a query took at the largest size than at the smallest. Times below half a
 * millisecond count as that, since they are noise.
 */
export function growthOf({ times }: Growth): number {
  return Math.max(times.at(-1) ?? NaN, 0.5) / Math.max(times[0] ?? NaN, 0.5);
}

/** The queries whose cost grows by more than their limit. */
export function tooSteep(measured: readonly Growth[]): Growth[] {
  return measured.filter((question) => !(growthOf(question) <= question.limit));
}

/** The table of a run. */
export function growthMarkdown(
  { day, machine, loadBefore }: Circumstances,
  sizes: readonly number[],
  measured: readonly Growth[],
): string {
  const number = new Intl.NumberFormat("en");
  const head = [
    "question",
    ...sizes.map((size) => `${number.format(size)}, ms`),
    "buffers",
    "growth",
    "at most",
  ];
  let dataset = "";
  const rows = measured.flatMap((question) => {
    const title = question.dataset === dataset
      ? []
      : [[`**${question.dataset}**`, ...head.slice(1).map(() => "")]];
    dataset = question.dataset;
    return [...title, [
      question.name,
      ...question.times.map((time) => time.toFixed(2)),
      question.buffers.map((buffers) => number.format(buffers)).join(" / "),
      `${growthOf(question).toFixed(1)}×`,
      `${question.limit}×`,
    ]];
  });
  return `Run of ${day}: ${machine}; load of the machine before it ${
    loadBefore.toFixed(1)
  }. Medians in milliseconds of the server's processor time, planning included.\n\n${
    table(head, rows)
  }`;
}
