/** What stays in the browser: never what was said. */
export interface Kept {
  token?: string;
  /** The website's id of the user for whom the session was started. */
  user?: string;
  open?: boolean;
  consented?: boolean;
}

/** Keeps {@linkcode Kept} for one widget; in memory where the browser stores nothing. */
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
        // Then it lasts as long as the page.
      }
    },
    clear(): void {
      kept = { open: kept.open };
      try {
        localStorage.removeItem(name);
      } catch {
        // There was nothing.
      }
    },
  };
}

/** A store. */
export type Store = ReturnType<typeof createStore>;
