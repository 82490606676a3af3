import type { Lane } from "./lane.ts";
import type { Memory } from "./memory.ts";
import type { Mutant } from "./mutant.ts";
import { orderFiles } from "./order-files.ts";
import type { TestFile } from "./suite.ts";

export interface HuntRequest {
  mutants: readonly Mutant[];
  files: readonly TestFile[];
  lanes: readonly Lane[];
  memory: Memory;
  /** Milliseconds after which no further mutant is begun. */
  budget: number;
  /** Called after each mutant; `killer` is null for one that survived. */
  onTried(mutant: Mutant, killer: string | null): void;
}

export interface HuntResult {
  killed: Mutant[];
  survivors: Mutant[];
  /** Mutants for which there was no time. */
  untried: Mutant[];
}

/** Tries every mutant against the files until one of them fails, on all lanes at once. */
export async function hunt(request: HuntRequest): Promise<HuntResult> {
  const { mutants, files, lanes, memory, budget, onTried } = request;
  const started = performance.now();
  const result: HuntResult = { killed: [], survivors: [], untried: [] };
  const queue = [...mutants].sort((a, b) => urgency(memory, a) - urgency(memory, b));

  await Promise.all(lanes.map(async (lane) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      if (performance.now() - started > budget) {
        result.untried.push(mutant);
        continue;
      }
      const killer = await findKiller(lane, mutant, files, memory.killers.get(mutant.name));
      memory.killers.set(mutant.name, killer);
      (killer === null ? result.survivors : result.killed).push(mutant);
      onTried(mutant, killer);
    }
  }));
  return result;
}

/** New mutants first, then those that survived, then those that a file is known to notice. */
function urgency(memory: Memory, { name }: Mutant): number {
  const killer = memory.killers.get(name);
  if (killer === undefined) return 0;
  return killer === null ? 1 : 2;
}

async function findKiller(
  lane: Lane,
  mutant: Mutant,
  files: readonly TestFile[],
  lastKiller: string | null | undefined,
): Promise<string | null> {
  for (const file of orderFiles(files, mutant, lastKiller ?? undefined)) {
    const failures = await lane.run(file.text, mutant.statement);
    if (failures.some((failure) => !file.failures.includes(failure))) return file.path;
  }
  return null;
}
