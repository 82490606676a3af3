import type { Figures } from "./report.ts";

/** The figures by which rows are compared. */
export type Compared = Pick<Figures, "interactions" | "total_cost" | "satisfaction">;

/** The sum of several rows, for a summary; means are weighted by their number of ratings. */
export function sumOf(rows: readonly Compared[]): Compared {
  const sum = (of: (row: Compared) => number) => rows.reduce((total, row) => total + of(row), 0);
  const ratings = sum(({ satisfaction }) => satisfaction.ratings);
  const rated = sum(({ satisfaction: { mean, ratings } }) => (mean ?? 0) * ratings);
  return {
    interactions: sum(({ interactions }) => interactions),
    total_cost: `${sum(({ total_cost }) => Number(total_cost))}`,
    satisfaction: { mean: ratings === 0 ? null : rated / ratings, ratings },
  };
}

/** What rows are compared by: cost, or interactions if nothing has a cost. */
export function measureOf(total: Compared): (row: Compared) => number {
  return Number(total.total_cost) > 0
    ? ({ total_cost }) => Number(total_cost)
    : ({ interactions }) => interactions;
}
