import { dirname, join, relative } from "node:path/posix";
import { walkFiles } from "../layout/walk-files.ts";
import { needPrograms } from "./debian-packages.ts";
import { findProgram } from "./find-program.ts";
import { NotAvailable } from "./not-available.ts";
import { type DenoTests, runDenoTests } from "./run-deno-tests.ts";

const programs = {
  name: "Redis",
  packages: ["redis-server"],
  files: ["/usr/bin/redis-server"],
};

/** What starts a redis-server. */
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
    throw new NotAvailable("Redis: redis-server is installed, but PATH does not lead to it");
  }
}

/** Runs Deno tests; where there is no Redis, those that do not need it, and reports the others. */
export async function runTestsWithRedis(tests: DenoTests): Promise<void> {
  try {
    await needRedis(tests.signal);
    await runDenoTests(tests);
  } catch (error) {
    if (!(error instanceof NotAvailable)) throw error;
    const { others, needing } = await splitByRedis(tests.root, tests.paths);
    tests.results.notRun.push(`${needing.join(", ")}: ${error.message}`);
    await runDenoTests({ ...tests, paths: others });
  }
}

/** Files of tests below some paths: those that start a redis-server, and the others. */
export async function splitByRedis(
  root: string,
  paths: readonly string[],
): Promise<{ needing: string[]; others: string[] }> {
  const [needing, others]: [string[], string[]] = [[], []];
  for (const folder of paths) {
    for (const path of await walkFiles(join(root, folder))) {
      if (!path.endsWith("_test.ts")) continue;
      const file = relative(root, path);
      (await startsRedis(root, file) ? needing : others).push(file);
    }
  }
  return { needing, others };
}

/** Whether a test starts Redis itself or by its support files. The stack does without where it must. */
async function startsRedis(root: string, file: string): Promise<boolean> {
  const source = await Deno.readTextFile(join(root, file));
  const values = source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)"/gm);
  for (const [, specifier = ""] of values) {
    const imported = join(dirname(file), specifier);
    if (server.test(imported)) return true;
    const isSupport = imported.startsWith("tests/") && imported.includes("/support/");
    if (isSupport && await startsRedis(root, imported)) return true;
  }
  return false;
}
