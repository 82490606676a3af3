import { exactDollars } from "./money.ts";
import type { Figures, UsageReport, UsageRow } from "./report.ts";

/** The report for programs; money is text, so that no decimal is lost. */
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
      days: days.map(({ key, ...row }) => ({ day: key, ...figures(row) })),
      by: Object.fromEntries(
        Object.entries(by).map(([name, rows]) => [name, rows.map(named)]),
      ),
    },
    // A sum may be more than a number holds exactly.
    (_key, value) => typeof value === "bigint" ? JSON.rawJSON(value.toString()) : value,
    2,
  );
}

declare global {
  interface JSON {
    /** Newer than the types: digits as they are. */
    rawJSON(text: string): unknown;
  }
}

function named(row: UsageRow) {
  return { key: row.key, label: row.label, ...figures(row) };
}

function plainDollars(cost: bigint): string {
  return exactDollars(cost).replace(/[$,]/g, "");
}

function figures(row: Figures) {
  return {
    interactions: row.interactions,
    failed: row.failed,
    input_tokens: row.inputTokens,
    output_tokens: row.outputTokens,
    total_cost: plainDollars(row.cost),
    recorded_cost: plainDollars(row.recordedCost),
    unpriced: row.unpriced,
    recorded: row.recorded,
    avg_satisfaction: row.satisfaction.mean,
    satisfaction_ratings: row.satisfaction.ratings,
    avg_usefulness: row.usefulness.mean,
    usefulness_ratings: row.usefulness.ratings,
  };
}
