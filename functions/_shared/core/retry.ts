import { sleep } from "./sleep.ts";

/** How pauses between attempts grow. Milliseconds. */
export interface Backoff {
  /** The longest first pause; doubled after each failure. */
  firstMs: number;
  /** No pause is longer. */
  maxMs?: number;
  /** The share of a pause that is fixed, from 0 (full jitter) to 1 (none). */
  fixed?: number;
  /** From 0 up to but not including 1, as Math.random(). Needed unless all of a pause is fixed. */
  random?: () => number;
}

/**
 * The pause after a number of failures, with jitter, so that clients that failed together do not
 * retry together.
 *
 * @param failures How many attempts have failed before the last one.
 */
export function backoffMs(
  failures: number,
  { firstMs, maxMs = Infinity, fixed = 0, random = () => 0 }: Backoff,
): number {
  const longest = Math.min(firstMs * 2 ** failures, maxMs);
  return longest * (fixed + (1 - fixed) * random());
}

/**
 * Repeats work until it succeeds.
 *
 * @param pauseAfter The pause in milliseconds after so many earlier failures; null to give up and
 * rethrow the error of the work.
 * @param shutdown The signal that ends a pause early, read at its beginning.
 */
export async function retry<Value>(
  work: () => Promise<Value>,
  pauseAfter: (failures: number, thrown: unknown) => number | null,
  shutdown: () => AbortSignal | undefined = () => undefined,
): Promise<Value> {
  for (let failures = 0;; failures++) {
    try {
      return await work();
    } catch (thrown) {
      const pause = pauseAfter(failures, thrown);
      if (pause === null) throw thrown;
      await sleep(pause, shutdown());
    }
  }
}
