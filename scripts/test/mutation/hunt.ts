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
  const kills = countKills(mutants, memory);

  await Promise.all(lanes.map(async (lane) => {
    for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
      if (performance.now() - started > budget) {
        result.untried.push(mutant);
        continue;
      }
      const killsOfKind = kills.get(mutant.kind) ?? new Map<string, number>();
      const lastKiller = memory.killers.get(mutant.name) ?? undefined;
      const order = orderFiles(files, mutant, { lastKiller, killsOfKind });
      const killer = await findKiller(lane, mutant, order);
      memory.killers.set(mutant.name, killer);
      if (killer !== null) kills.set(mutant.kind, withOneMore(killsOfKind, killer));
      (killer === null ? result.survivors : result.killed).push(mutant);
      onTried(mutant, killer);
      await memory.saveNowAndThen();
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

/** For each kind of mutant: how many of them each file noticed in earlier runs. */
function countKills(mutants: readonly Mutant[], memory: Memory): Map<string, Map<string, number>> {
  const kills = new Map<string, Map<string, number>>();
  for (const { kind, name } of mutants) {
    const killer = memory.killers.get(name) ?? null;
    if (killer !== null) kills.set(kind, withOneMore(kills.get(kind) ?? new Map(), killer));
  }
  return kills;
}

function withOneMore(counts: ReadonlyMap<string, number>, path: string): Map<string, number> {
  return new Map(counts).set(path, (counts.get(path) ?? 0) + 1);
}

async function findKiller(
  lane: Lane,
  mutant: Mutant,
  files: readonly TestFile[],
): Promise<string | null> {
  for (const file of files) {
    const failures = await lane.run(file.text, mutant.statement);
    if (failures.some((failure) => !file.failures.includes(failure))) return file.path;
  }
  return null;
}
