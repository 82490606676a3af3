import type { Workspace } from "../../common/workspace.ts";
import { startHosts } from "../hosts/start-hosts.ts";
import type { Layer } from "../layer.ts";
import { needPrograms } from "../support/debian-packages.ts";
import { endStacks } from "../support/end-stacks.ts";
import { findProgram } from "../support/find-program.ts";
import { leakedProcesses } from "../support/leaked-processes.ts";
import { runPoolerTests } from "../support/pooler-tests.ts";
import { runTestsWithRedis } from "../support/redis-tests.ts";
import { splitByImport } from "../support/split-by-import.ts";
import {
  describe,
  type StackProcess,
  startStackProcess,
  testCredentials,
} from "../support/stack-process.ts";
import { record, type Results } from "../results.ts";

/** Real clients against a stack that this layer starts, as `npm start` does, and stops again. */
export const endToEndLayer: Layer = {
  name: "e2e",
  covers: "supabase-js, openai and ai against a running stack; its start and its end",
  async run({ root, workspace, results, options }) {
    const parent = await workspace.folder("stacks");
    const folder = await workspace.folder("stacks/layer");
    workspace.defer(() => endStacks(parent));
    const { signal } = workspace;
    if (await findProgram("python3") === null) {
      const files = ["/usr/bin/python3"];
      await needPrograms({ name: "Python 3", packages: ["python3"], files }, signal);
    }
    const stack = await startStackProcess({ folder, signal });

    // Tests that start stacks of their own keep them where they are found when this is interrupted.
    const env = {
      ...stack.environment,
      STACK_DIR: folder,
      TMPDIR: parent,
      ...await moreHosts(options.hosts, stack, workspace),
    };
    const paths = await pathsFor(options.hosts, root, results);
    await runTestsWithRedis({ root, paths, env, signal, results });
    await runPoolerTests({ root, env, signal, results });

    const end = await stack.stop();
    record(results, "SIGTERM ends the stack with code 0", end.code === 0 ? [] : [describe(end)]);
    record(results, "no process is left", await leakedProcesses(folder));

    const again = await startStackProcess({ folder, signal });
    await again.stop();
    const [first, second] = [stack, again].map(({ readyAfter }) => (readyAfter / 1000).toFixed(1));
    results.notes.push(`first start: ready in ${first} s; second: ${second} s`);
  },
};

/** Where tests start a stack of their own, which hosts its functions itself. */
const ownStack = /^scripts\/test\/support\/stack-process\.ts$/;

/** What runs: with several hosts all but the tests of a single stack, which are named. */
async function pathsFor(hosts: number, root: string, results: Results): Promise<string[]> {
  if (hosts === 1) return ["tests/e2e"];
  const { importing, others } = await splitByImport(root, ["tests/e2e"], ownStack);
  results.notes.push(
    `functions on ${hosts} hosts behind a balancer: ${others.length} files of tests/e2e; without ${
      importing.map((file) => file.replace("tests/e2e/", "")).join(", ")
    }, which start a stack of their own`,
  );
  return others;
}

/** Puts several hosts before a stack. @returns what tests find instead of the stack's own. */
async function moreHosts(
  count: number,
  { folder, environment }: StackProcess,
  workspace: Workspace,
): Promise<Record<string, string>> {
  if (count === 1) return {};
  const { signal } = workspace;
  const hosts = await startHosts({ folder, environment, env: testCredentials, count, signal });
  workspace.defer(async () => await hosts[Symbol.asyncDispose]());
  return { FUNCTIONS_URL: hosts.functionsUrl };
}
