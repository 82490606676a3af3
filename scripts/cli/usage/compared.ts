import type { Figures } from "./report.ts";

/** The figures by which rows are compared. */
export type Compared = Pick<Figures, "interactions" | "total_cost" | "satisfaction">;

/** What several rows come to together, to be read at a glance; means weigh by their ratings. */
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

/** By what rows are compared: cost, or interactions where nothing has cost anything. */
export function measureOf(total: Compared): (row: Compared) => number {
  return Number(total.total_cost) > 0
    ? ({ total_cost }) => Number(total_cost)
    : ({ interactions }) => interactions;
}
