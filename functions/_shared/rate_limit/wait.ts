/** A sliding window as it is counted: in buckets that each last as long as the window. */
export interface WindowCounts {
  /** Calls in the bucket before this one. */
  previous: number;
  /** Calls in this bucket. */
  current: number;
  /** Calls that the window allows. */
  limit: number;
  /** Length of the window, in milliseconds. */
  window: number;
  /** Milliseconds since this bucket began. */
  elapsed: number;
}

/**
 * Milliseconds until a call would be allowed, if there is no other; 0 if it is allowed now.
 *
 * The calls of the bucket before count by the part of it that the window still covers, rounded
 * down.
 */
export function waitForWindow(counts: WindowCounts): number {
  const { previous, current, limit, window, elapsed } = counts;
  if (current >= limit) {
    const next = { previous: current, current: 0, limit, window, elapsed: 0 };
    return window - elapsed + waitForWindow(next);
  }
  const passes = (at: number) => Math.floor((1 - at / window) * previous) + current < limit;
  if (passes(elapsed)) return 0;
  // Where the two are equal, up to the rounding of the division.
  let at = Math.max(elapsed, Math.floor(window * (1 - (limit - current) / previous)));
  while (!passes(at)) at++;
  return at - elapsed;
}
