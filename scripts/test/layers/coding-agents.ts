import type { Layer } from "../layer.ts";
import { needCodingAgents } from "../support/coding-agents.ts";
import { endStacks } from "../support/end-stacks.ts";
import { runDenoTests } from "../support/run-deno-tests.ts";
import { startStackProcess } from "../support/stack-process.ts";

/** Programs that write code, as they are published, against a stack that this layer starts. */
export const codingAgentsLayer: Layer = {
  name: "coding-agents",
  covers: "Codex CLI and Claude Code against a running stack; installs them where it is named",
  async run({ root, workspace, options, results }) {
    const { signal } = workspace;
    const installed = await needCodingAgents(options.only.includes(this.name), signal);
    const folder = await workspace.folder("coding-agents");
    workspace.defer(() => endStacks(folder));
    const stack = await startStackProcess({ folder: `${folder}/stack`, signal });
    const env = { ...stack.environment, CODING_AGENTS: installed, TMPDIR: folder };
    await runDenoTests({ root, paths: ["tests/coding-agents"], env, signal, results });
    await stack.stop();
  },
};
