import { join } from "node:path";
import { CommandError } from "../../../common/command-error.ts";
import { freePort } from "../../../common/free-port.ts";
import type { Workspace } from "../../../common/workspace.ts";
import { startChild } from "../../common/child-process.ts";

/** The gateway that this one is compared with. */
export const portkeyVersion = "1.15.2";

const packageName = "@portkey-ai/gateway";

/**
 * What npm installs. With a later web server than this one, Portkey answers every stream with
 * status 500, for it changes headers that may no longer be changed (Portkey-AI/gateway#1389).
 */
const manifest = JSON.stringify({
  private: true,
  dependencies: { [packageName]: portkeyVersion },
  overrides: { "@hono/node-server": "1.14.1" },
});

/** A running gateway of Portkey. */
export interface Portkey {
  /** Where its API in OpenAI's format begins. */
  baseUrl: string;
  pid: number;
}

/**
 * Starts Portkey's gateway, which ends with the workspace.
 *
 * @param folder Where it is installed; kept for the next time.
 * @throws {CommandError} when npm cannot install it, or it does not start.
 */
export async function startPortkey(
  workspace: Workspace,
  folder: string,
  note: (line: string) => void,
): Promise<Portkey> {
  const home = join(folder, "node_modules", packageName);
  if (await installedIn(folder) !== manifest) {
    note(`  installing ${packageName} ${portkeyVersion} from npm`);
    await install(folder, workspace.signal);
  }
  const port = freePort();
  const { pid } = startChild(workspace, {
    name: "Portkey's gateway",
    program: "node",
    args: [join(home, "build", "start-server.js"), `--port=${port}`, "--headless"],
    cwd: folder,
  });
  await answers(port);
  return { baseUrl: `http://127.0.0.1:${port}/v1`, pid };
}

/** Headers that make Portkey call an upstream in OpenAI's format. */
export function portkeyHeaders(upstreamUrl: string): Record<string, string> {
  return {
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": upstreamUrl,
    authorization: "Bearer bench",
  };
}

/** The mark of a complete installation: what was asked for. */
function markIn(folder: string): string {
  return join(folder, "installed.json");
}

async function installedIn(folder: string): Promise<string> {
  return await Deno.readTextFile(markIn(folder)).catch(() => "");
}

async function install(folder: string, signal: AbortSignal): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(join(folder, "package.json"), manifest);
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["install", "--no-audit", "--no-fund", "--loglevel=error"],
    cwd: folder,
    stdout: "null",
    signal,
  }).output();
  if (!success) {
    const reason = new TextDecoder().decode(stderr).trim().split("\n")[0];
    throw new CommandError(`Cannot install ${packageName} in "${folder}": ${reason}.`);
  }
  await Deno.writeTextFile(markIn(folder), manifest);
}

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    const response = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    await response?.body?.cancel();
    if (response !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new CommandError(`Cannot start Portkey's gateway: it does not answer on port "${port}".`);
}
