import { dirname } from "node:path";
import { type CommandResult, runCommand } from "../../common/run-command.ts";
import { NotAvailable } from "./not-available.ts";

/** Programs of Debian that some tests need. */
export interface DebianPrograms {
  /** What they are called in a report. */
  name: string;
  packages: readonly string[];
  /** Files that are there once the packages are. */
  files: readonly string[];
  /** A file that is there while the packages are installed, and only then. */
  whileInstalling?: { path: string; text: string };
}

/** Time that apt-get may take to learn what there is to install, in milliseconds. */
const PATIENCE = 120_000;

/** The installation that runs, or the last one. */
let installing: Promise<void> = Promise.resolve();

/** What apt-get said when it read the lists of packages, once in a run. */
let updating: Promise<CommandResult> | undefined;

/**
 * Makes sure that the programs are on this machine; they are installed where this is root on Debian.
 *
 * Throws `NotAvailable` when they are missing and cannot be installed.
 */
export async function needPrograms(programs: DebianPrograms, signal: AbortSignal): Promise<void> {
  const { name, packages, files } = programs;
  if (await areThere(files)) return;
  if (Deno.build.os !== "linux" || !await isThere("/etc/debian_version")) {
    throw new NotAvailable(`${name}: it is not installed, and can be installed on Debian 12 only`);
  }
  if (Deno.uid() !== 0) {
    throw new NotAvailable(
      `${name}: it is not installed and this is not root. ` +
        `As root: apt-get install ${packages.join(" ")}`,
    );
  }
  // Layers that run side by side must not call apt-get side by side.
  installing = installing.catch(() => {}).then(() => install(programs, signal));
  await installing;
  if (await areThere(files)) return;
  throw new NotAvailable(
    `${name}: its packages are installed, but their files are not where expected`,
  );
}

async function install(programs: DebianPrograms, signal: AbortSignal): Promise<void> {
  const { packages, whileInstalling: file } = programs;
  console.log(`  installing ${packages.join(", ")} …`);
  if (file !== undefined) {
    await Deno.mkdir(dirname(file.path), { recursive: true });
    await Deno.writeTextFile(file.path, file.text);
  }
  try {
    const within = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
    updating ??= runApt(["update", "--quiet"], within);
    assertSuccess(programs, "update", await updating);
    const options = ["--quiet", "--yes", "--no-install-recommends"];
    assertSuccess(programs, "install", await runApt(["install", ...options, ...packages], signal));
  } finally {
    if (file !== undefined) await Deno.remove(file.path);
  }
}

async function runApt(args: string[], signal: AbortSignal): Promise<CommandResult> {
  return await runCommand(["apt-get", ...args], {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    signal,
  });
}

function assertSuccess(
  { name }: DebianPrograms,
  action: string,
  { code, output }: CommandResult,
): void {
  if (code === 0) return;
  const reason = output.split("\n").slice(-3).join("; ");
  throw new NotAvailable(`${name}: "apt-get ${action}" failed with exit code ${code}: ${reason}`);
}

async function areThere(files: readonly string[]): Promise<boolean> {
  return (await Promise.all(files.map(isThere))).every(Boolean);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
