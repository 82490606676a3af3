import { join } from "node:path";

/** Time within which a leftover server must end, in milliseconds. */
const patience = 20_000;

/**
 * Stops a Postgres that an earlier stack left running on this data folder, for instance because the
 * machine killed that stack, and clears the lock of one that is gone.
 *
 * @returns the process id of the server that was stopped, or null when there was none.
 */
export async function stopOrphan(dataFolder: string): Promise<number | null> {
  const lockFile = join(dataFolder, "postmaster.pid");
  const text = await Deno.readTextFile(lockFile).catch(() => "");
  const processId = Number.parseInt(text, 10);
  if (Number.isNaN(processId)) return null;
  if (!await isServerOf(processId, dataFolder)) {
    // After a restart of the machine the number may belong to any process; Postgres would then
    // refuse to start.
    await Deno.remove(lockFile).catch(() => {});
    return null;
  }
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    Deno.kill(processId, signal);
    const deadline = Date.now() + patience / 2;
    while (Date.now() < deadline) {
      if (!await isServerOf(processId, dataFolder)) return processId;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return processId;
}

async function isServerOf(processId: number, dataFolder: string): Promise<boolean> {
  if (Deno.build.os === "linux") {
    // A postmaster's working directory is its data folder.
    const folder = await Deno.readLink(`/proc/${processId}/cwd`).catch(() => null);
    return folder !== null && folder === await Deno.realPath(dataFolder);
  }
  const { success, stdout } = await new Deno.Command("ps", {
    args: ["-o", "command=", "-p", String(processId)],
    stdout: "piped",
    stderr: "null",
  }).output();
  return success && new TextDecoder().decode(stdout).includes(dataFolder);
}
