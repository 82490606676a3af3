import type { Circumstances } from "../common/run-bench.ts";
import { table } from "../common/table.ts";
import type { Measured } from "./bench.ts";
import type { RealtimeBenchOptions } from "./options.ts";

/** Milliseconds below which 95 of 100 events must arrive. */
const mostMilliseconds = 250;

/** The unmet targets, a sentence each. */
export function shortcomings(measured: readonly Measured[]): string[] {
  return measured.flatMap(({ name, lost, leaked, repeated, p95 }) => [
    ...lost > 0 ? [`${name}: ${lost} lost`] : [],
    ...leaked > 0 ? [`${name}: ${leaked} reached someone else`] : [],
    ...repeated > 0 ? [`${name}: ${repeated} came twice`] : [],
    ...p95 < mostMilliseconds ? [] : [`${name}: p95 is ${p95} ms`],
  ]);
}

/** The table of a run. */
export function realtimeMarkdown(
  { day, machine, loadBefore }: Circumstances,
  { subscribers, events, rate }: RealtimeBenchOptions,
  measured: readonly Measured[],
): string {
  const number = new Intl.NumberFormat("en");
  const head = ["subscription", "delivered", "lost", "leaked", "p50, ms", "p95, ms", "p99, ms"];
  const rows = measured.map(({ name, delivered, lost, leaked, p50, p95, p99 }) => [
    name,
    ...[delivered, lost, leaked, p50, p95, p99].map((value) => number.format(value)),
  ]);
  return `Run of ${day}: ${machine}; load of the machine before it ${
    loadBefore.toFixed(1)
  }. ${subscribers} subscribers, ${
    number.format(events)
  } events in each part, ${rate} a second.\n\n${table(head, rows)}`;
}
