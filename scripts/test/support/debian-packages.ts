import { dirname } from "node:path";
import { runCommand } from "../../common/run-command.ts";
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

let installing: Promise<void> = Promise.resolve();

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
  installing = installing.then(() => install(programs, signal));
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
    await runApt(programs, ["update", "--quiet"], signal);
    const options = ["--quiet", "--yes", "--no-install-recommends"];
    await runApt(programs, ["install", ...options, ...packages], signal);
  } finally {
    if (file !== undefined) await Deno.remove(file.path);
  }
}

async function runApt(
  { name }: DebianPrograms,
  args: string[],
  signal: AbortSignal,
): Promise<void> {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  const { code, output } = await runCommand(["apt-get", ...args], { env, signal });
  if (code === 0) return;
  const reason = output.split("\n").slice(-3).join("; ");
  throw new NotAvailable(`${name}: "apt-get ${args[0]}" failed: ${reason}`);
}

async function areThere(files: readonly string[]): Promise<boolean> {
  return (await Promise.all(files.map(isThere))).every(Boolean);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
