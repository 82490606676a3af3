import { join } from "node:path";
import { runCommand } from "../../common/run-command.ts";
import { NotAvailable } from "./not-available.ts";

/**
 * The agents, in the versions that are tested. They are 650 MB, so they are no dependency: they are
 * installed where the layer is asked for by its name, and kept.
 */
const PACKAGES = { "@openai/codex": "0.171.0", "@anthropic-ai/claude-code": "2.1.197" };

/** How long npm may take, in milliseconds. */
const PATIENCE = 600_000;

/**
 * Makes sure that this machine has the agents.
 *
 * @param isAskedFor Whether they are installed where they are missing.
 * @returns the folder that has them in `node_modules`
 * @throws {NotAvailable} when they are missing, and are not or cannot be installed.
 */
export async function needCodingAgents(isAskedFor: boolean, signal: AbortSignal): Promise<string> {
  const versions = Object.values(PACKAGES).join("-");
  const folder = join(cacheFolder(), "agentbase", `coding-agents-${versions}`);
  const done = join(folder, "installed");
  if (await exists(done)) return folder;
  if (!isAskedFor) {
    throw new NotAvailable(
      "Codex CLI and Claude Code are not installed; npm test -- --only coding-agents does it (650 MB)",
    );
  }
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({ private: true, dependencies: PACKAGES }),
  );
  const { code, output } = await runCommand(
    ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund"],
    { cwd: folder, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) },
  );
  if (code !== 0) {
    throw new NotAvailable(`Codex CLI and Claude Code cannot be installed: ${output}`);
  }
  await Deno.writeTextFile(done, "");
  return folder;
}

/** Where programs keep what they can get again. */
function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
