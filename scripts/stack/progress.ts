/** Tells the person at the terminal what is going on. */
export interface Progress {
  /** Prints a line. */
  note(line: string): void;
  /** Does a step and prints one line for it, with the time it took. */
  step<T>(name: string, work: () => Promise<T>, describe?: (result: T) => string): Promise<T>;
}

/** Progress as plain lines, which read the same in a terminal and in a log. */
export function createProgress(print: (line: string) => void, now: () => number): Progress {
  return {
    note: (line) => print(line),
    async step(name, work, describe) {
      const startedAt = now();
      const result = await work();
      const seconds = ((now() - startedAt) / 1000).toFixed(1);
      const detail = describe?.(result) ?? "";
      print(`  ${name.padEnd(12)} ${detail.padEnd(56)} ${seconds.padStart(5)} s`.trimEnd());
      return result;
    },
  };
}
