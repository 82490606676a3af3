/**
 * Waits.
 *
 * @param shutdown Ends the wait with the host. Absent where what follows is worth waiting for even
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
