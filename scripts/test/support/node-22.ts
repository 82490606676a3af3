import { join } from "node:path";
import { runCommand } from "../../common/run-command.ts";
import { findProgram } from "./find-program.ts";
import { needNpmPrograms } from "./npm-packages.ts";

/** Runs TypeScript as it is, since 22.18. */
const VERSION = "22.23.5";

/** Time that npm may take, in milliseconds: every run of the tests waits for it where there is no network. */
const PATIENCE = 120_000;

/**
 * A Node that runs TypeScript: this machine's, or one from npm (185 MB), which is kept.
 *
 * @returns its path
 * @throws {NotAvailable} when there is none and it cannot be installed.
 */
export async function needNode22(signal: AbortSignal): Promise<string> {
  const installed = await findProgram("node");
  if (installed !== null) {
    const { output } = await runCommand([installed, "--version"], { signal });
    const [major = 0, minor = 0] = output.trim().replace("v", "").split(".").map(Number);
    if (major > 22 || major === 22 && minor >= 18) return installed;
  }
  const { os, arch } = Deno.build;
  const name = `node-${os}-${arch === "x86_64" ? "x64" : "arm64"}`;
  const folder = await needNpmPrograms(
    { name: "Node 22", packages: { [name]: VERSION }, folder: "node" },
    AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
  );
  return join(folder, "node_modules", name, "bin", "node");
}
