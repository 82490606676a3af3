/** The services that the host of a function offers besides the request. */
export interface Lifetime {
  /**
   * Keeps the worker alive until the promise settles. Absent if the host has no such function: then
   * work must be awaited before the answer ends.
   */
  waitUntil?: (work: Promise<unknown>) => void;
  /** Aborts when the worker is about to be stopped: finish open work immediately. */
  shutdown: AbortSignal;
}

/**
 * Reads what the host offers from the global scope.
 *
 * The contract with a host, all of it optional:
 * - `globalThis.EdgeRuntime.waitUntil(promise)`: as on the hosted platform.
 * - `globalThis.EdgeRuntime.shutdownSignal`: an `AbortSignal` that the host aborts on SIGTERM,
 *   before it waits for the promises given to `waitUntil`. Open turns then settle as partial at
 *   once.
 * - the event `beforeunload`: the hosted platform's equivalent. It is not guaranteed, so nothing
 *   relies on it: the database sweeps unsettled turns.
 */
export function hostLifetime(scope: typeof globalThis = globalThis): Lifetime {
  const runtime: unknown = Reflect.get(scope, "EdgeRuntime");
  const offered = typeof runtime === "object" && runtime !== null ? runtime : {};

  const unload = new AbortController();
  scope.addEventListener("beforeunload", () => unload.abort());
  const signal: unknown = Reflect.get(offered, "shutdownSignal");
  const shutdown = signal instanceof AbortSignal
    ? AbortSignal.any([signal, unload.signal])
    : unload.signal;

  const waitUntil: unknown = Reflect.get(offered, "waitUntil");
  if (typeof waitUntil !== "function") return { shutdown };
  return { shutdown, waitUntil: (work) => void Reflect.apply(waitUntil, runtime, [work]) };
}
