import { table } from "../common/table.ts";
import type { AnalyticsReport, SizeReport } from "./bench.ts";
import { settings } from "./cluster.ts";
import { growthOf, promisesOf } from "./promises.ts";

/** The report as Markdown, ready for the page. */
export function analyticsMarkdown(report: AnalyticsReport): string {
  const { sizes } = report;
  return [
    `Run of ${report.day}: ${report.machine}; load of the machine before it ${
      report.loadBefore.toFixed(1)
    }; Postgres ${sizes[0]?.postgres} with ${
      Object.entries(settings).map(([name, value]) => `${name} ${value}`).join(", ")
    }. Milliseconds of the server's processor time, the fastest of ${report.rounds} rounds.`,
    "### Promises",
    table(
      ["what", "target", "measured", "kept"],
      promisesOf(sizes).map(({ promise, target, measured, isKept }) => [
        promise,
        target,
        measured,
        isKept ? "yes" : "no",
      ]),
    ),
    ...dataText(sizes),
    ...questionText(sizes),
    ...refreshText(sizes),
    ...insertText(sizes),
  ].join("\n\n");
}

const millions = ({ rows }: SizeReport) => `${rows / 1e6} M`;
const time = (ms: number) => ms.toFixed(ms < 10 ? 2 : 1);
const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0);

function dataText(sizes: readonly SizeReport[]): string[] {
  return [
    "### The data",
    table(
      ["interactions", "ledger with indexes, MB", "counts, MB", "made in, s"],
      sizes.map((size) => [
        millions(size),
        megabytes(size.ledgerBytes),
        megabytes(size.countsBytes),
        size.loadSeconds?.toFixed(0) ?? "-",
      ]),
    ),
  ];
}

function questionText(sizes: readonly SizeReport[]): string[] {
  const first = sizes[0]?.questions;
  if (!first) return [];
  const [small, large] = [sizes[0]!, sizes.at(-1)!];
  const growth = new Map(growthOf(small, large).map(({ name, ratio }) => [name, ratio]));
  return [
    "### What dashboards ask",
    `As the person who has 50 agents and a tenth of all interactions, under row level security, and by hand past it.`,
    table(
      [
        "query",
        ...sizes.flatMap((size) => [`${millions(size)}, ms`, "by hand, ms", "ratio"]),
        ...sizes.length > 1 ? ["growth"] : [],
      ],
      first.map(({ question: { name } }) => [
        name,
        ...sizes.flatMap(({ questions }) => {
          const found = questions?.find(({ question }) => question.name === name);
          return found === undefined
            ? ["-", "-", "-"]
            : [time(found.ms), time(found.baseMs), found.ratio.toFixed(2)];
        }),
        ...sizes.length > 1 ? [growth.get(name)?.toFixed(2) ?? ""] : [],
      ]),
    ),
  ];
}

function refreshText(sizes: readonly SizeReport[]): string[] {
  const measured = sizes.flatMap((size) =>
    size.refresh === null ? [] : [{ size, refresh: size.refresh }]
  );
  if (measured.length === 0) return [];
  return [
    "### Counting",
    "Afterwards, `verify_daily_usage()` over all 90 days found nothing that differs from the ledger.",
    table(
      [
        "interactions",
        "rows of the day",
        "written, ms",
        "its GROUP BY, ms",
        "ratio",
        "new day, ms",
        "its GROUP BY, ms",
        "ratio",
        "day again, ms",
        "its GROUP BY, ms",
        "ratio",
        "100 late edits, ms",
      ],
      measured.map(({ size, refresh: { dayRows, newDay, writtenDay, sameDay, editsMs } }) => [
        millions(size),
        String(dayRows),
        ...[writtenDay, newDay, sameDay].flatMap(({ ms, baseMs, ratio }) => [
          time(ms),
          time(baseMs),
          ratio.toFixed(2),
        ]),
        time(editsMs),
      ]),
    ),
  ];
}

function insertText(sizes: readonly SizeReport[]): string[] {
  const measured = sizes.flatMap((size) =>
    size.inserts === null ? [] : [{ size, inserts: size.inserts }]
  );
  if (measured.length === 0) return [];
  return [
    "### Writing the ledger",
    "One row at a time, each committed to the disk, by the clock; then what it costs the processor. With all triggers, and with none but the foreign keys. A turn is the row as it begins and its change when it is settled.",
    table(
      ["interactions", "what", "ms", "without, ms", "rate", "work, ms", "without, ms", "rate"],
      measured.flatMap(({ size, inserts: { rows, insert, turn, insertWork, turnWork } }) =>
        ([["insert", insert, insertWork], ["turn", turn, turnWork]] as const).map((
          [name, ...timings],
        ) => [
          millions(size),
          name,
          ...timings.flatMap(({ ms, baseMs, ratio }) => [
            time(ms / rows),
            time(baseMs / rows),
            (1 / ratio).toFixed(2),
          ]),
        ])
      ),
    ),
  ];
}
