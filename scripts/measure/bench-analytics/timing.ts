/** Two ways to the same, timed in turn. */
export interface Timing {
  /** Milliseconds of the fastest round. */
  ms: number;
  /** The same of the other way. */
  baseMs: number;
  /** The first beside the other. */
  ratio: number;
}

/** After so many milliseconds no further round begins: what takes long needs fewer. */
const patience = 15_000;

/**
 * Times two ways in turn, after a warm-up that does not count. Whatever else the machine does can only
 * make a round slower, so the fastest one tells what it takes.
 *
 * @param work Each does one round and says how many milliseconds of it count.
 */
export async function compare(
  rounds: number,
  work: () => Promise<number>,
  base: () => Promise<number>,
): Promise<Timing> {
  await work();
  await base();
  let [ms, baseMs] = [Infinity, Infinity];
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && performance.now() - startedAt > patience) break;
    ms = Math.min(ms, await work());
    baseMs = Math.min(baseMs, await base());
  }
  return { ms, baseMs, ratio: ms / baseMs };
}
