import { join } from "node:path";
import { CommandError } from "../../common/command-error.ts";

/** The lock of a folder in which a stack runs. */
export interface StackLock {
  release(): Promise<void>;
}

/**
 * Claims a folder for this process. The kernel releases the lock however the process ends, so a
 * killed stack does not block the next one.
 *
 * @returns null when another process holds the folder.
 */
export async function lockStack(folder: string): Promise<StackLock | null> {
  const path = join(folder, "pid");
  const file = await Deno.open(path, { read: true, write: true, create: true });
  if (!await file.tryLock(true)) {
    file.close();
    return null;
  }
  await file.truncate();
  await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
  return {
    async release() {
      await Deno.remove(path).catch(() => {});
      file.close();
    },
  };
}

/** Id of the process that claimed a folder last; NaN where none did. */
export async function holderOf(folder: string): Promise<number> {
  return Number.parseInt(await Deno.readTextFile(join(folder, "pid")).catch(() => ""), 10);
}

/** The error to give when {@link lockStack} finds the folder taken. */
export async function alreadyRunning(
  action: string,
  folder: string,
  folderName: string,
): Promise<CommandError> {
  return new CommandError(
    `Cannot ${action} "${folderName}": a stack is running there (process ${await holderOf(
      folder,
    )}). ` +
      `Stop it first, or choose another folder with STACK_DIR.`,
  );
}
