import { writtenDay } from "../../../common/days.ts";
import { type Compared, measureOf, sumOf } from "../compared.ts";
import { counted, exactCount, largest, meanRating, share, shortDollars } from "../numbers.ts";
import { type Breakdown, type Figures, type UsageReport, type UsageRow } from "../report.ts";
import { summaryOf, titleOf } from "../words.ts";
import { bar } from "./bar.ts";
import { cellsOf, columnFor, fit, printable } from "./cells.ts";

/** The terminal that the report is for. */
export interface Terminal {
  /** Cells of a line. */
  columns: number;
  colors: boolean;
}

/** Breakdowns that the terminal shows, in this order. */
const shown: readonly Breakdown[] = ["organization", "vendor", "model", "agent", "user"];

/** More rows than this are summed up in one. */
const mostRows = 8;

/** The report as lines for people. */
export function terminalReport(report: UsageReport, terminal: Terminal): string {
  const columns = Math.max(60, Math.min(110, terminal.columns));
  const style = styles(terminal.colors);
  const { total } = report;
  const measure = measureOf(total);
  const lines = [
    style.bold(printable(titleOf(report))),
    ...summaryOf(report).map(({ name, value, note }) =>
      `  ${style.soft(fit(name, 14))}${value}${note === "" ? "" : `  ${style.soft(note)}`}`
    ),
    ...unpricedNote(total),
  ];
  if (total.interactions > 0) {
    lines.push("", ...dayTable(report.days, { columns, style, measure }));
    for (const name of shown) {
      const rows = report.by[name];
      if (rows !== undefined && rows.length > 0) {
        lines.push("", ...breakdownTable(name, rows, total, { columns, style, measure }));
      }
    }
  }
  return lines.join("\n");
}

/** How tables are drawn. */
interface Form {
  columns: number;
  style: ReturnType<typeof styles>;
  measure: Measure;
}

/** The measure that bars show. */
type Measure = (figures: Compared) => number;

function dayTable(days: readonly UsageRow[], { columns, style, measure }: Form): string[] {
  const longest = largest(days.map(measure));
  const costWidth = columnFor(days.map((day) => shortDollars(day.total_cost)), 14);
  const countWidth = columnFor(days.map((day) => exactCount(day.interactions)), 15);
  const width = Math.max(4, columns - 12 - costWidth - countWidth);
  const head = `${fit("Day", 12)}${fit("", width)}${fit("cost", costWidth, "right")}${
    fit("interactions", countWidth, "right")
  }`;
  return [
    style.bold(head),
    ...days.map((day) =>
      `${style.soft(fit(writtenDay(day.key, "weekday"), 12))}${
        style.bar(fit(bar(measure(day) / longest, width), width))
      }${fit(shortDollars(day.total_cost), costWidth, "right")}${
        fit(exactCount(day.interactions), countWidth, "right")
      }`
    ),
  ];
}

function breakdownTable(
  name: Breakdown,
  rows: readonly UsageRow[],
  total: Figures,
  { columns, style, measure }: Form,
): string[] {
  // A sum of one further row would replace that row.
  const top = rows.length > mostRows + 1 ? rows.slice(0, mostRows) : rows;
  const rest = rows.slice(top.length);
  const listed = rest.length === 0
    ? top
    : [...top, { ...sumOf(rest), key: "", label: `and ${counted(rest.length, "other")}` }];
  const names = listed.map(({ label }) => printable(label));
  const nameWidth = Math.min(28, columns - 51, Math.max(name.length + 3, ...names.map(cellsOf))) +
    2;
  const costWidth = columnFor(listed.map((row) => shortDollars(row.total_cost)), 14);
  const countWidth = columnFor(listed.map((row) => exactCount(row.interactions)), 14);
  const width = Math.max(4, columns - nameWidth - costWidth - 9 - countWidth - 8);
  const longest = largest(rows.map(measure));
  const cells = (cost: string, part: string, interactions: string, rating: string) =>
    `${fit(cost, costWidth, "right")}${fit(part, 9, "right")}${
      fit(interactions, countWidth, "right")
    }${fit(rating, 8, "right")}`;
  return [
    style.bold(
      `${fit(`By ${name}`, nameWidth)}${fit("", width)}${
        cells("cost", "share", "interactions", "rated")
      }`,
    ),
    ...listed.map((row, index) =>
      `${fit(names[index] ?? "", nameWidth - 2)}  ${
        style.bar(fit(bar(index < top.length ? measure(row) / longest : 0, width), width))
      }${
        cells(
          shortDollars(row.total_cost),
          share(measure(row), measure(total)),
          exactCount(row.interactions),
          meanRating(row.satisfaction),
        )
      }`
    ),
  ];
}

function unpricedNote({ unpriced }: Figures): string[] {
  if (unpriced === 0) return [];
  return [`  ! The price of ${counted(unpriced, "turn")} is unknown and not in the cost.`];
}

function styles(colors: boolean) {
  const paint = (code: string) => (text: string) =>
    colors && text.trim() !== "" ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { bold: paint("1"), soft: paint("2"), bar: paint("36") };
}
