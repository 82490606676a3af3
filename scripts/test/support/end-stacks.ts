import { leakedProcesses } from "./leaked-processes.ts";

/** Time that stacks get to end by themselves, in milliseconds. */
const patience = 15_000;

/** Waits for the stacks in a folder to end, and ends what does not. */
export async function endStacks(folder: string): Promise<void> {
  const deadline = Date.now() + patience;
  let left = await leakedProcesses(folder);
  while (left.length > 0 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    left = await leakedProcesses(folder);
  }
  for (const line of left) Deno.kill(Number.parseInt(line, 10), "SIGKILL");
}
