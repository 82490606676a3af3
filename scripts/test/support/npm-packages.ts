import { join } from "node:path";
import { runCommand } from "../../common/run-command.ts";
import { cacheFolder } from "./cache-folder.ts";
import { NotAvailable } from "./not-available.ts";

/** Programs of npm that only some tests need, too large for dependencies. */
export interface NpmPrograms {
  /** What they are called in a report. */
  name: string;
  /** Names of packages, with their exact versions. */
  packages: Record<string, string>;
  /** Versions of what they depend on, in place of their own choice. */
  overrides?: Record<string, string>;
  /** Whether they are installed whatever their packages say that they need beside them. */
  ignoresPeers?: boolean;
  /** Names the folder that keeps them. */
  folder: string;
  /** Disk space, as it is printed; absent for little. */
  size?: string;
}

/** How long npm may take, in milliseconds. */
const PATIENCE = 1_200_000;

/** Where programs are kept once they are installed. */
function npmFolder({ folder, packages }: NpmPrograms): string {
  return join(cacheFolder(), "agentbase", [folder, ...Object.values(packages)].join("-"));
}

/** Whether programs are installed. */
export async function areInstalled(programs: NpmPrograms): Promise<boolean> {
  return await Deno.stat(join(npmFolder(programs), "installed")).then(() => true, () => false);
}

/**
 * Makes sure that this machine has programs; they are installed where they are missing, and kept.
 *
 * @returns the folder that has them in `node_modules`
 * @throws {NotAvailable} when they cannot be installed.
 */
export async function needNpmPrograms(programs: NpmPrograms, signal: AbortSignal): Promise<string> {
  const folder = npmFolder(programs);
  if (await areInstalled(programs)) return folder;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    join(folder, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: programs.packages,
      overrides: programs.overrides,
    }),
  );
  const peers = programs.ignoresPeers ? ["--legacy-peer-deps"] : [];
  const { code, output } = await runCommand(
    [
      "npm",
      "install",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--fetch-retries=1",
      ...peers,
    ],
    { cwd: folder, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]) },
  );
  if (code !== 0) {
    throw new NotAvailable(
      `${programs.name} cannot be installed: npm ended with exit code ${code}: ${output}`,
    );
  }
  await Deno.writeTextFile(join(folder, "installed"), "");
  return folder;
}
