import type { Circumstances } from "../common/run-bench.ts";
import { table } from "../common/table.ts";
import type { ImportFigures } from "./bench.ts";

/** The table of a run. */
export function importMarkdown(
  { day, machine, loadBefore }: Circumstances,
  workers: number,
  figures: ImportFigures,
): string {
  const number = (value: number) => Math.round(value).toLocaleString("en-US");
  const row = (name: string, rows: number, seconds: number) => [
    name,
    number(rows),
    seconds.toFixed(1),
    number(rows / Math.max(seconds, 0.001)),
  ];
  const rows = [
    ...figures.tables.map(({ name, rows, seconds }) => row(name, rows, seconds)),
    row("**all, with numbering the rows**", figures.rows, figures.apply.seconds),
    row("verify", figures.rows, figures.verify.seconds),
    row("revert", figures.rows, figures.revert.seconds),
  ];
  return [
    `Measured on ${day}: ${machine}, load average ${
      loadBefore.toFixed(1)
    } before the run, ${workers} workers. The process of --apply held ${
      figures.apply.mebibytes === null ? "an unknown amount" : number(figures.apply.mebibytes)
    } MiB at most.`,
    "",
    table(["", "rows", "seconds", "rows a second"], rows),
  ].join("\n");
}
