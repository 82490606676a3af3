/**
 * The value below which a share of the values lies, by the nearest-rank method; NaN of none.
 *
 * @param share Between 0 and 1: 0.5 is the median.
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** The middle value, the mean of the two in the middle where there are two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? NaN : (low + high) / 2;
}

/**
 * Ratio of two series that were measured in turn: the median of the ratios of neighbours, so that a
 * machine that is slower for a while slows both sides of each ratio.
 */
export function pairedRatio(series: readonly number[], base: readonly number[]): number {
  return median(series.map((value, position) => value / (base[position] ?? NaN)));
}
