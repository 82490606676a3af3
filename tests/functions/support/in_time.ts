import { fail } from "node:assert/strict";

/** Measured times and their bounds, in milliseconds, by a name for the message. */
export type Waits = Record<string, readonly [took: number, most: number]>;

/**
 * Measures up to three times, until no time exceeds its bound.
 *
 * A busy machine may delay any run, but hardly all three; a wait in our own code delays every one.
 * Any other failure of a run fails the test immediately.
 */
export async function inTime(measure: () => Promise<Waits>): Promise<void> {
  const runs: string[] = [];
  for (let run = 0; run < 3; run++) {
    const late = Object.entries(await measure()).filter(([, [took, most]]) => took >= most);
    if (late.length === 0) return;
    runs.push(late.map(([name, [took, most]]) => `${name}: ${took} of ${most} ms`).join(", "));
  }
  fail(`Too late in each of ${runs.length} runs: ${runs.join("; ")}`);
}
