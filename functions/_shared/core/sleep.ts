/**
 * Waits.
 *
 * @param shutdown Ends the wait when the host shuts down. Absent if the wait must continue even
 * then.
 */
export async function sleep(milliseconds: number, shutdown?: AbortSignal): Promise<void> {
  if (shutdown?.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = () => resolve();
  shutdown?.addEventListener("abort", stop);
  await promise;
  clearTimeout(timer);
  shutdown?.removeEventListener("abort", stop);
}
