import { join } from "node:path";

/**
 * Processes that belong to the stacks in a folder: those that carry it in their environment, command
 * line or working directory. Each as `<id> <command line>`.
 *
 * The environment can be read on Linux only; elsewhere the command line must do.
 */
export async function leakedProcesses(folder: string): Promise<string[]> {
  if (Deno.build.os !== "linux") return await listedBehind(folder);
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    const read = (file: string) => Deno.readTextFile(join("/proc", name, file)).catch(() => "");
    const [environment, command, status] = await Promise.all(
      ["environ", "cmdline", "status"].map(read),
    );
    const place = await Deno.readLink(join("/proc", name, "cwd")).catch(() => "");
    const isOurs = environment?.includes(`\0STACK_DIR=${folder}`) ||
      command?.includes(folder) || place.startsWith(folder);
    // A zombie has ended; its parent has only not been told.
    if (isOurs && !/^State:\s+Z/m.test(status ?? "")) {
      found.push(`${name} ${command?.replaceAll("\0", " ").trim()}`);
    }
  }
  return found;
}

async function listedBehind(folder: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-axo", "pid=,command="] }).output();
  return new TextDecoder().decode(stdout).split("\n")
    .map((line) => line.trim())
    .filter((line) => line.includes(folder) && !line.startsWith(`${Deno.pid} `));
}
