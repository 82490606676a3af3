import { join } from "node:path";
import postgres from "postgres";
import { pathInProject } from "../../common/path-in-project.ts";
import { hunt, type HuntResult } from "./hunt.ts";
import { openLanes } from "./lanes.ts";
import { readMemory } from "./memory.ts";
import { listBodyMutants } from "./body-mutants.ts";
import { listMutants, type Mutant } from "./mutant.ts";
import { type MutationOptions, parseMutationOptions } from "./options.ts";
import { readSuite, type TestFile } from "./suite.ts";
import { createDatabases, type MigratedDatabase } from "../database/databases.ts";
import { runMain } from "../../common/run-main.ts";
import { inWorkspace, type Workspace } from "../../common/workspace.ts";

/**
 * `npm run test:mutation`: removes each policy, constraint and trigger in turn, grants each unintended
 * privilege, changes each decision in the functions for money and access, and runs the pgTAP files
 * until one fails. Mutants that no file notices are listed. The exit code is 0 if every mutant was
 * tried and noticed, 1 otherwise, 2 for invalid arguments.
 */
const root = pathInProject(".");
const memoryPath = join(Deno.env.get("STACK_DIR") ?? join(root, ".stack"), "mutation.json");

/** Each has a server of its own; more of them than processors only wait for each other. */
const laneCount = Math.min(navigator.hardwareConcurrency, 4);

const help =
  `Removes each policy, constraint and trigger in turn, grants each privilege that is not granted, changes
each decision in the SQL functions for money and access, and runs the pgTAP files until one fails.
Mutants that no test notices are listed. Exits with 0 if every mutant was tried and noticed, else with 1.

npm run test:mutation -- [options]
  --only <pattern>    try only mutants whose name matches this regular expression
  --match <text>      of the pgTAP files, run only those whose path contains the text
  --seconds <number>  begin no further mutant after so many seconds; the next run continues from there
  --list              only name the mutants
  --help              this text`;

await runMain({
  help,
  parse: parseMutationOptions,
  run: (options) => inWorkspace(async (workspace) => await mutate(options, workspace) ? 0 : 1),
});

async function mutate(options: MutationOptions, workspace: Workspace): Promise<boolean> {
  const first = await createDatabases(root, workspace).migrated("17");
  const mutants = (await listFrom(first)).filter(({ name }) => options.only?.test(name) ?? true);
  if (options.list) {
    for (const { name } of mutants) console.log(name);
    return true;
  }

  const others = await Promise.all(
    Array.from({ length: laneCount - 1 }, () => createDatabases(root, workspace).migrated("17")),
  );
  const lanes = await openLanes(root, [first, ...others], workspace);
  const files = await readSuite(root, lanes, options.match);
  console.log(`${mutants.length} mutants, ${files.length} test files`);
  for (const { path, failures } of files) {
    for (const failure of failures) console.log(`  fails without a mutant: ${path}: ${failure}`);
  }

  const memory = await readMemory(memoryPath);
  const report = progress(mutants.length);
  const budget = options.seconds * 1000;
  const started = performance.now();
  const result = await hunt({ mutants, files, lanes, memory, budget, onTried: report });
  await memory.save();
  console.log(summary(result, performance.now() - started));
  return isClean(result, files);
}

async function listFrom(database: MigratedDatabase): Promise<Mutant[]> {
  const sql = postgres(database.adminUrl, { max: 1, onnotice: () => {} });
  try {
    return [...await listMutants(sql), ...await listBodyMutants(sql, root)];
  } finally {
    await sql.end();
  }
}

/** Prints each survivor when it is found, and now and then how far the run is. */
function progress(total: number): (mutant: Mutant, killer: string | null) => void {
  let tried = 0;
  let lastLine = performance.now();
  return (mutant, killer) => {
    tried += 1;
    if (killer === null) console.log(`  survived: ${mutant.name}`);
    if (performance.now() - lastLine < 10_000) return;
    lastLine = performance.now();
    console.log(`  ${tried} of ${total} tried`);
  };
}

function summary({ killed, survivors, untried }: HuntResult, milliseconds: number): string {
  return [
    "",
    ...survivors.map(({ name }) => name).sort().map((name) => `  survived: ${name}`),
    `Took ${(milliseconds / 1000).toFixed(0)} s`,
    `${killed.length} noticed, ${survivors.length} survived, ${untried.length} not tried`,
  ].join("\n");
}

function isClean({ survivors, untried }: HuntResult, files: readonly TestFile[]): boolean {
  const isSound = files.every(({ failures }) => failures.length === 0);
  return isSound && survivors.length === 0 && untried.length === 0;
}
