import { plainDollars } from "./numbers.ts";
import type { Figures, UsageReport, UsageRow } from "./report.ts";

/** The report as JSON; amounts are strings, so that no decimal is lost. */
export function reportAsJson(report: UsageReport): string {
  const { organization, timeZone, from, to, readAt, total, days, by } = report;
  return JSON.stringify(
    {
      organization,
      time_zone: timeZone,
      from,
      to,
      read_at: readAt.toISOString(),
      total: figures(total),
      days: days.map(({ key, label: _, ...row }) => ({ day: key, ...figures(row) })),
      by: Object.fromEntries(
        Object.entries(by).map(([name, rows]) => [name, rows.map(named)]),
      ),
    },
    // A sum may exceed the exact range of a number.
    (_key, value) => typeof value === "bigint" ? JSON.rawJSON(value.toString()) : value,
    2,
  );
}

declare global {
  interface JSON {
    /** ES2026, newer than the types: writes the digits unchanged. */
    rawJSON(text: string): unknown;
  }
}

function named({ key, label, ...row }: UsageRow) {
  return { key, label, ...figures(row) };
}

function figures({ satisfaction, usefulness, ...measures }: Figures) {
  return {
    ...measures,
    total_cost: plainDollars(measures.total_cost),
    recorded_cost: plainDollars(measures.recorded_cost),
    avg_satisfaction: satisfaction.mean,
    satisfaction_ratings: satisfaction.ratings,
    avg_usefulness: usefulness.mean,
    usefulness_ratings: usefulness.ratings,
  };
}
