import { needPrograms } from "./debian-packages.ts";
import { findProgram } from "./find-program.ts";
import { NotAvailable } from "./not-available.ts";
import { type DenoTests, runDenoTests } from "./run-deno-tests.ts";
import { splitByImport } from "./split-by-import.ts";

const programs = {
  name: "Redis",
  packages: ["redis-server"],
  files: ["/usr/bin/redis-server"],
};

/** What starts a redis-server. The stack does without where it must. */
const server = /^scripts\/stack\/redis\/(?:redis|server)\.ts$/;

/**
 * Makes sure that this machine has redis-server; it is installed where this is root on Debian.
 *
 * @throws {NotAvailable} when it is missing and cannot be installed.
 */
async function needRedis(signal: AbortSignal): Promise<void> {
  if (await findProgram("redis-server") !== null) return;
  await needPrograms(programs, signal);
  if (await findProgram("redis-server") === null) {
    throw new NotAvailable("Redis: redis-server is installed, but is not on the PATH");
  }
}

/** Runs Deno tests; where there is no Redis, those that do not need it, and reports the others. */
export async function runTestsWithRedis(tests: DenoTests): Promise<void> {
  try {
    await needRedis(tests.signal);
    await runDenoTests(tests);
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    const { importing, others } = await splitByImport(tests.root, tests.paths, server);
    tests.results.notRun.push(`${importing.join(", ")}: ${error.message}`);
    await runDenoTests({ ...tests, paths: others });
  }
}
