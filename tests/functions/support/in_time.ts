import { fail } from "node:assert/strict";

/** What was waited for, in milliseconds, and what is too long, by a name for the message. */
export type Waits = Record<string, readonly [took: number, most: number]>;

/**
 * Measures up to three times, each time again, until nothing takes too long.
 *
 * A busy machine may stop any run in the middle, and hardly all three; a wait of ours is there in
 * every one of them. What else is wrong in a run fails the test at once.
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
