/** Waits of more than a day are treated as invalid. */
const MAX_WAIT_MS = 24 * 60 * 60_000;

/**
 * Reads how long an upstream asks callers to wait: `retry-after-ms`, or `retry-after` in seconds or
 * as a date.
 *
 * @param now Milliseconds since the epoch.
 * @returns Milliseconds; null if there is no usable value.
 */
export function readRetryAfter(headers: Headers, now: number): number | null {
  const inMs = headers.get("retry-after-ms") ?? "";
  if (/^\d{1,9}(\.\d+)?$/.test(inMs)) return Math.min(Math.ceil(Number(inMs)), MAX_WAIT_MS);
  const after = headers.get("retry-after") ?? "";
  if (/^\d{1,6}(\.\d+)?$/.test(after)) {
    return Math.min(Math.ceil(Number(after) * 1000), MAX_WAIT_MS);
  }
  // Only dates as HTTP writes them: Date.parse() takes almost anything for one.
  const date = /^[A-Z][a-z]{2}, /.test(after) ? Date.parse(after) : NaN;
  return Number.isNaN(date) ? null : Math.min(Math.max(0, date - now), MAX_WAIT_MS);
}

/** The same for a client, in the two forms that clients understand. */
export function retryAfterHeaders(milliseconds: number | null): Record<string, string> {
  if (milliseconds === null) return {};
  return {
    "retry-after": String(Math.ceil(milliseconds / 1000)),
    "retry-after-ms": String(Math.ceil(milliseconds)),
  };
}
