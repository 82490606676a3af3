/**
 * Waits for a promise for a limited time.
 *
 * @param ms Milliseconds to wait at most.
 * @returns What the promise resolved to, or undefined after the time limit. The promise itself is
 * not cancelled.
 */
export async function within<Value>(
  ms: number,
  promise: Promise<Value>,
): Promise<Value | undefined> {
  const { promise: timeUp, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promise, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
