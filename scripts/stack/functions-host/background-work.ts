/** Promises that a function has passed to `waitUntil()`. */
export interface BackgroundWork {
  /** Takes a promise to wait for; a rejection is reported and does no harm. */
  add(work: Promise<unknown>): void;
  /** Resolves when nothing is left, including what was added in the meantime. */
  settled(): Promise<void>;
  /** How many promises are open. */
  size(): number;
}

/** Keeps track of work that outlives the request it came from. */
export function createBackgroundWork(report: (error: unknown) => void): BackgroundWork {
  const open = new Set<Promise<unknown>>();
  return {
    add(work) {
      const tracked = work.catch(report).finally(() => open.delete(tracked));
      open.add(tracked);
    },
    async settled() {
      while (open.size > 0) await Promise.all(open);
    },
    size: () => open.size,
  };
}
