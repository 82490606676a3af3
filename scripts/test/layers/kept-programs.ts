import type { Layer } from "../layer.ts";
import { codingAgents } from "../support/coding-agents.ts";
import { endStacks } from "../support/end-stacks.ts";
import { n8n } from "../support/n8n.ts";
import { NotAvailable } from "../support/not-available.ts";
import { areInstalled, needNpmPrograms, type NpmPrograms } from "../support/npm-packages.ts";
import { runDenoTests } from "../support/run-deno-tests.ts";
import { startStackProcess } from "../support/stack-process.ts";

/** Programs that write code, as they are published. */
export const codingAgentsLayer: Layer = keptProgramsLayer(
  codingAgents,
  "Codex CLI and Claude Code against a running stack; installs them where it is named",
);

/** n8n, as it is published. */
export const n8nLayer: Layer = keptProgramsLayer(
  n8n,
  "n8n against a running stack, which calls it; installs it where it is named",
);

/** The tests in the folder of a layer's name, with its programs, against a stack that it starts. */
function keptProgramsLayer(programs: NpmPrograms, covers: string): Layer {
  const { folder: name, size } = programs;
  return {
    name,
    covers,
    async run({ root, workspace, options, results }) {
      const { signal } = workspace;
      if (!options.only.includes(name) && !await areInstalled(programs)) {
        const command = `npm test -- --only ${name}`;
        throw new NotAvailable(`not installed: ${programs.name}; ${command} does it (${size})`);
      }
      const installed = await needNpmPrograms(programs, signal);
      const folder = await workspace.folder(name);
      workspace.defer(() => endStacks(folder));
      const stack = await startStackProcess({ folder: `${folder}/stack`, signal });
      const env = { ...stack.environment, INSTALLED_PROGRAMS: installed, TMPDIR: folder };
      await runDenoTests({ root, paths: [`tests/${name}`], env, signal, results });
      await stack.stop();
    },
  };
}
