import type { Figures, Rating } from "./report.ts";

/** The figures of nothing. */
export function noFigures(): Figures {
  const none: Rating = { mean: null, ratings: 0 };
  return {
    interactions: 0,
    failed: 0,
    inputTokens: 0n,
    outputTokens: 0n,
    cost: 0n,
    recordedCost: 0n,
    unpriced: 0,
    recorded: 0,
    satisfaction: none,
    usefulness: none,
  };
}

/** What several figures come to together; means weigh by their ratings. */
export function sumOf(rows: readonly Figures[]): Figures {
  return rows.reduce<Figures>((sum, row) => ({
    interactions: sum.interactions + row.interactions,
    failed: sum.failed + row.failed,
    inputTokens: sum.inputTokens + row.inputTokens,
    outputTokens: sum.outputTokens + row.outputTokens,
    cost: sum.cost + row.cost,
    recordedCost: sum.recordedCost + row.recordedCost,
    unpriced: sum.unpriced + row.unpriced,
    recorded: sum.recorded + row.recorded,
    satisfaction: together(sum.satisfaction, row.satisfaction),
    usefulness: together(sum.usefulness, row.usefulness),
  }), noFigures());
}

function together(one: Rating, other: Rating): Rating {
  const ratings = one.ratings + other.ratings;
  if (ratings === 0) return one;
  const sum = (one.mean ?? 0) * one.ratings + (other.mean ?? 0) * other.ratings;
  return { mean: sum / ratings, ratings };
}
