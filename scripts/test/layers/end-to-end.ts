import type { Layer } from "../layer.ts";
import { leakedProcesses } from "../support/leaked-processes.ts";
import { runPoolerTests } from "../support/pooler-tests.ts";
import { runTestsWithRedis } from "../support/redis-tests.ts";
import { describe, startStackProcess } from "../support/stack-process.ts";
import { record } from "../results.ts";

/** Real clients against a stack that this layer starts, as `npm start` does, and stops again. */
export const endToEndLayer: Layer = {
  name: "e2e",
  covers: "supabase-js, openai and ai against a running stack; its start and its end",
  async run({ root, workspace, results }) {
    const parent = await workspace.folder("stacks");
    const folder = await workspace.folder("stacks/layer");
    workspace.defer(() => endAll(parent));
    const { signal } = workspace;
    const stack = await startStackProcess({ folder, signal });

    // Tests that start stacks of their own keep them where they are found when this is interrupted.
    const env = { ...stack.environment, STACK_DIR: folder, TMPDIR: parent };
    await runTestsWithRedis({ root, paths: ["tests/e2e"], env, signal, results });
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

/** Time that stacks get to end by themselves, in milliseconds. */
const patience = 15_000;

/** Waits for the stacks in a folder to end, and ends what does not. */
async function endAll(folder: string): Promise<void> {
  const deadline = Date.now() + patience;
  let left = await leakedProcesses(folder);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = await leakedProcesses(folder);
  }
  for (const line of left) Deno.kill(Number.parseInt(line, 10), "SIGKILL");
}
