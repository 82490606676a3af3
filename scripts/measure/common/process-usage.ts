/** What a process has used so far. */
export interface ProcessUsage {
  /** Seconds of processor time; with those of its children where they were asked for. */
  cpuSeconds: number;
  /** Most memory that the process itself ever held, in bytes; children do not count. */
  peakBytes: number;
}

/** The kernel counts processor time in hundredths of a second on every Linux that matters. */
const ticksPerSecond = 100;

/**
 * Reads what a process has used; null where the system does not say, which is anywhere but on Linux.
 *
 * @param processId The process, or the root of its descendants.
 * @param of Whether its descendants count as well, as they do of Postgres. The stack is the parent of
 * Postgres and Redis, and is counted alone.
 */
export async function readUsage(
  processId: number,
  of: "process" | "family",
): Promise<ProcessUsage | null> {
  if (Deno.build.os !== "linux") return null;
  const family = [processId];
  if (of === "family") {
    const children = await childrenByParent();
    for (const member of family) family.push(...children.get(member) ?? []);
  }
  let ticks = 0;
  for (const member of family) {
    const stat = await readStat(member);
    ticks += (stat?.own ?? 0) + (of === "family" ? stat?.ended ?? 0 : 0);
  }
  const status = await Deno.readTextFile(`/proc/${processId}/status`).catch(() => "");
  const peak = Number(status.match(/^VmHWM:\s+(\d+) kB$/m)?.[1] ?? NaN);
  if (Number.isNaN(peak)) return null;
  return { cpuSeconds: ticks / ticksPerSecond, peakBytes: peak * 1024 };
}

/** Finds a descendant by a word of its command line; null when there is none, or no way to know. */
export async function findDescendant(processId: number, word: string): Promise<number | null> {
  if (Deno.build.os !== "linux") return null;
  const children = await childrenByParent();
  const family = [...children.get(processId) ?? []];
  for (const member of family) {
    family.push(...children.get(member) ?? []);
    const command = await Deno.readTextFile(`/proc/${member}/cmdline`).catch(() => "");
    // Some programs rewrite their command line into one argument.
    if (command.split(/[\0 ]/).some((argument) => argument.endsWith(word))) return member;
  }
  return null;
}

async function childrenByParent(): Promise<Map<number, number[]>> {
  const children = new Map<number, number[]>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readStat(Number(name));
    if (stat === null) continue;
    children.set(stat.parent, [...children.get(stat.parent) ?? [], Number(name)]);
  }
  return children;
}

/** Fields 4 and 14 to 17 of /proc/<id>/stat; null when the process has ended. */
async function readStat(processId: number): Promise<
  { parent: number; own: number; ended: number } | null
> {
  const text = await Deno.readTextFile(`/proc/${processId}/stat`).catch(() => "");
  // The name in parentheses may hold anything, so fields are counted from behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [parent] = fields.slice(1, 2);
  if (parent === undefined || Number.isNaN(parent)) return null;
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return { parent, own: user + system, ended: endedUser + endedSystem };
}
