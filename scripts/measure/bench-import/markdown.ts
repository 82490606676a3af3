import type { Circumstances } from "../common/run-bench.ts";
import { table } from "../common/table.ts";
import type { ImportFigures, Run } from "./bench.ts";

/** The table of a run. */
export function importMarkdown(
  { day, machine, loadBefore }: Circumstances,
  workers: number,
  figures: ImportFigures,
): string {
  const number = (value: number) => Math.round(value).toLocaleString("en-US");
  const row = (
    name: string,
    rows: number,
    { seconds, cpuSeconds }: Pick<Run, "seconds" | "cpuSeconds">,
  ) => [
    name,
    number(rows),
    seconds.toFixed(1),
    number(rows / Math.max(seconds, 0.001)),
    cpuSeconds === null ? "" : number(rows / Math.max(cpuSeconds, 0.001)),
  ];
  const { rows, apply, bare } = figures;
  const lines = [
    ...figures.tables.map(({ name, rows, seconds }) =>
      row(name, rows, { seconds, cpuSeconds: null })
    ),
    row("**all, with numbering the rows**", rows, apply),
    row("verify", rows, figures.verify),
    row("revert", rows, figures.revert),
    row("the same rows as `insert … select`", rows, bare),
  ];
  const { messages, turns, errors, wait99, longestWait } = figures.load;
  return [
    `Measured on ${day}: ${machine}, load average ${
      loadBefore.toFixed(1)
    } before the run, ${workers} workers. The process of --apply held ${
      apply.mebibytes === null ? "an unknown amount" : number(apply.mebibytes)
    } MiB at most. It imports over ${workers} connections and the bare \`insert … select\` runs on one, so their seconds do not compare${
      apply.cpuSeconds === null || bare.cpuSeconds === null
        ? "."
        : `; in processor time the import took ${
          (apply.cpuSeconds / bare.cpuSeconds).toFixed(2)
        } times as much.`
    }`,
    "",
    table(["", "rows", "seconds", "rows a second", "rows a processor second"], lines),
    "",
    `While an application read and added to conversations of ${
      number(messages)
    } messages before, during and after --apply --follow, --cut-over, --undo-cut-over and --revert, it had ${
      number(turns)
    } turns and ${number(errors)} errors. A hundredth of the turns waited for a lock for ${
      wait99.toFixed(0)
    } ms or more; the longest wait took ${longestWait.toFixed(0)} ms.`,
  ].join("\n");
}
