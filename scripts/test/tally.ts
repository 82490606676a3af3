/** One thing that did not hold. */
export interface Failure {
  name: string;
  detail: string;
}

/** What a layer of tests found, counted while it runs. */
export interface Tally {
  passed: number;
  failures: Failure[];
  /** What could not run on this machine, each with the reason. */
  notRun: string[];
  /** Facts worth a line in the report although nothing failed. */
  notes: string[];
}

/** A tally with nothing in it. */
export function createTally(): Tally {
  return { passed: 0, failures: [], notRun: [], notes: [] };
}

/** Counts one check: it passes when there is no problem, else it fails with the problems as detail. */
export function record(tally: Tally, name: string, problems: readonly string[]): void {
  if (problems.length === 0) tally.passed += 1;
  else tally.failures.push({ name, detail: problems.join("\n") });
}

/** Counts one check that passes unless `run` throws; answers whether it passed. */
export async function attempt(
  tally: Tally,
  name: string,
  run: () => Promise<void>,
): Promise<boolean> {
  try {
    await run();
    tally.passed += 1;
    return true;
  } catch (error) {
    tally.failures.push({ name, detail: describeError(error) });
    return false;
  }
}

/** The message of an error, without its stack. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
