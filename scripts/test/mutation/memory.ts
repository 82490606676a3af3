import { dirname } from "node:path";
import { z } from "zod";

const remembered = z.record(z.string(), z.string().nullable());

/**
 * What earlier runs learned: mutant → the file that noticed it, null for a survivor. It only
 * decides the order, so that a run resumes where the last one stopped; every mutant is still tried.
 */
export interface Memory {
  killers: Map<string, string | null>;
  save(): Promise<void>;
  /** Saves at intervals, so that an interrupted run keeps its results. */
  saveNowAndThen(): Promise<void>;
}

/** Milliseconds between two of `saveNowAndThen`. */
const saveInterval = 10_000;

/** Reads the memory; a missing or unreadable one is empty. */
export async function readMemory(path: string): Promise<Memory> {
  const text = await Deno.readTextFile(path).catch(() => "{}");
  const killers = new Map(Object.entries(remembered.catch({}).parse(parseOrNull(text))));
  let savedAt = performance.now();

  async function save(): Promise<void> {
    savedAt = performance.now();
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, JSON.stringify(Object.fromEntries(killers), null, 1));
  }

  return {
    killers,
    save,
    async saveNowAndThen() {
      if (performance.now() - savedAt > saveInterval) await save();
    },
  };
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
