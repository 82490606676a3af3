import { NotAvailable } from "./not-available.ts";
import { areInstalled, needNpmPrograms, type NpmPrograms } from "./npm-packages.ts";

/**
 * The agents, in the versions that are tested. They are 650 MB, so they are no dependency: they are
 * installed where the layer is asked for by its name, and kept.
 */
const AGENTS: NpmPrograms = {
  name: "Codex CLI and Claude Code",
  packages: { "@openai/codex": "0.171.0", "@anthropic-ai/claude-code": "2.1.197" },
  folder: "coding-agents",
};

/**
 * Makes sure that this machine has the agents.
 *
 * @param isAskedFor Whether they are installed where they are missing.
 * @returns the folder that has them in `node_modules`
 * @throws {NotAvailable} when they are missing, and are not or cannot be installed.
 */
export async function needCodingAgents(isAskedFor: boolean, signal: AbortSignal): Promise<string> {
  if (!isAskedFor && !await areInstalled(AGENTS)) {
    throw new NotAvailable(
      "Codex CLI and Claude Code are not installed; npm test -- --only coding-agents does it (650 MB)",
    );
  }
  return await needNpmPrograms(AGENTS, signal);
}
