import { writtenDay } from "../../common/days.ts";
import {
  counted,
  exactCount,
  exactDollars,
  meanRating,
  share,
  shortCount,
  shortDollars,
} from "./numbers.ts";
import type { Figures, UsageReport } from "./report.ts";

/** One figure of the summary. */
export interface SummaryItem {
  name: string;
  value: string;
  /** A remark; may be empty. */
  note: string;
}

/** The heading: "Usage of Acme, 24 Oct 2026 to 22 Nov 2026". */
export function titleOf(report: UsageReport): string {
  return `Usage of ${report.organization ?? "all organizations"}, ${rangeOf(report)}`;
}

/** The days of a report. */
export function rangeOf({ from, to }: UsageReport): string {
  return from === to ? writtenDay(from) : `${writtenDay(from)} to ${writtenDay(to)}`;
}

/** Where the days of a report begin. */
export function calendarOf({ days, timeZone }: UsageReport): string {
  const zone = timeZone === null
    ? "each organization's own time zone"
    : `the time zone ${timeZone}`;
  return `${counted(days.length, "day")} in ${zone}`;
}

/** The totals in words. */
export function summaryOf(report: UsageReport): SummaryItem[] {
  const { total } = report;
  const [short, exact] = [shortDollars(total.total_cost), exactDollars(total.total_cost)];
  return [
    { name: "Days", value: calendarOf(report), note: "" },
    { name: "Cost", value: short, note: short === exact ? "" : `exactly ${exact}` },
    ...recordedIn(total),
    {
      name: "Interactions",
      value: exactCount(total.interactions),
      note: `${exactCount(total.failed)} failed (${share(total.failed, total.interactions)})`,
    },
    {
      name: "Tokens",
      value: shortCount(total.input_tokens + total.output_tokens),
      note: `${exactCount(total.input_tokens)} in, ${exactCount(total.output_tokens)} out`,
    },
    {
      name: "Satisfaction",
      value: total.satisfaction.ratings === 0 ? "–" : `${meanRating(total.satisfaction)} of 5`,
      note: `${counted(total.satisfaction.ratings, "rating")}; usefulness ${
        meanRating(total.usefulness)
      } (${exactCount(total.usefulness.ratings)})`,
    },
  ];
}

/** What users recorded by hand, beside the cost and never in it; empty without records. */
function recordedIn({ recorded, recorded_cost }: Figures): SummaryItem[] {
  if (recorded === 0) return [];
  return [{
    name: "Recorded",
    value: exactDollars(recorded_cost),
    note: `${exactCount(recorded)} by hand, not in the cost`,
  }];
}
