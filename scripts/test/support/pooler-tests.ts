import { needPrograms } from "./debian-packages.ts";
import { NotAvailable } from "./not-available.ts";
import { type DenoTests, runDenoTests } from "./run-deno-tests.ts";

const programs = {
  name: "PgBouncer",
  packages: ["pgbouncer"],
  files: ["/usr/sbin/pgbouncer"],
};

/**
 * Installs PgBouncer where it is missing.
 *
 * @throws {NotAvailable} where that cannot be done.
 */
export function needPgbouncer(signal: AbortSignal): Promise<unknown> {
  return needPrograms(programs, signal);
}

/** Runs the tests of calls through a pooler; reports them as not run where there is no PgBouncer. */
export async function runPoolerTests(tests: Omit<DenoTests, "paths">): Promise<void> {
  try {
    await needPgbouncer(tests.signal);
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    tests.results.notRun.push(`tests/pooler: ${error.message}`);
    return;
  }
  await runDenoTests({ ...tests, paths: ["tests/pooler"] });
}
