import type { Layer } from "../layer.ts";
import { leftBehind } from "../left-behind.ts";
import { runDenoTests } from "../run-deno-tests.ts";
import { describe, startStackProcess } from "../stack-process.ts";
import { record } from "../tally.ts";

/** Real clients against a stack that this layer starts, as `npm start` does, and stops again. */
export const endToEndLayer: Layer = {
  name: "e2e",
  covers: "supabase-js, openai and ai against a running stack; its start and its end",
  async run({ root, workspace, tally }) {
    const folder = await workspace.folder("stack");
    const stack = await startStackProcess({ root, folder });
    workspace.defer(async () => void await stack.stop("SIGKILL"));

    const env = { ...stack.environment, STACK_DIR: folder };
    await runDenoTests({ root, paths: ["tests/e2e"], env, signal: workspace.signal, tally });

    const end = await stack.stop();
    record(tally, "SIGTERM ends the stack with code 0", end.code === 0 ? [] : [describe(end)]);
    record(tally, "no process is left", await leftBehind(folder));

    const again = await startStackProcess({ root, folder });
    await again.stop();
    const [first, second] = [stack, again].map(({ readyAfter }) => (readyAfter / 1000).toFixed(1));
    tally.notes.push(`first start: ready in ${first} s; second: ${second} s`);
  },
};
