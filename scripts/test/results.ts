/** A failed check. */
export interface Failure {
  name: string;
  detail: string;
}

/** What a layer of tests found, counted while it runs. */
export interface Results {
  passed: number;
  failures: Failure[];
  /** What could not run on this machine, each with the reason. */
  notRun: string[];
  /** Facts worth a line in the report although nothing failed. */
  notes: string[];
}

/** Empty results. */
export function createResults(): Results {
  return { passed: 0, failures: [], notRun: [], notes: [] };
}

/** Counts one check: it passes when there is no problem, else it fails with the problems as detail. */
export function record(results: Results, name: string, problems: readonly string[]): void {
  if (problems.length === 0) results.passed += 1;
  else results.failures.push({ name, detail: problems.join("\n") });
}

/** Counts one check that passes unless `run` throws; answers whether it passed. */
export async function attempt(
  results: Results,
  name: string,
  run: () => Promise<void>,
): Promise<boolean> {
  try {
    await run();
    results.passed += 1;
    return true;
  } catch (error) {
    results.failures.push({ name, detail: describeError(error) });
    return false;
  }
}

/** The message of an error, without its stack. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
