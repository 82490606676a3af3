/** What is stored in the browser: never the messages. */
export interface Kept {
  token?: string;
  /** The website's id of the user for whom the session was started. */
  user?: string;
  open?: boolean;
  consented?: boolean;
}

/** Stores {@linkcode Kept} for one widget; in memory if the browser blocks storage. */
export function createStore(key: string) {
  const name = `agentbase:${key}`;
  let kept: Kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(name) ?? "{}");
  } catch {
    // Storage is blocked, or another script has written there.
  }
  return {
    get: () => kept,
    set(changes: Kept): void {
      kept = { ...kept, ...changes };
      try {
        localStorage.setItem(name, JSON.stringify(kept));
      } catch {
        // Then it is kept until the page is closed.
      }
    },
    clear(): void {
      kept = { open: kept.open };
      try {
        localStorage.removeItem(name);
      } catch {
        // Nothing was stored.
      }
    },
  };
}

/** A store. */
export type Store = ReturnType<typeof createStore>;
