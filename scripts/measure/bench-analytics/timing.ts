/** Times of two ways to do the same, measured in turn. */
export interface Timing {
  /** Milliseconds of the fastest round. */
  ms: number;
  /** The same of the other way. */
  baseMs: number;
  /** The first beside the other. */
  ratio: number;
}

/** Milliseconds after which no further round begins: slow work needs fewer rounds. */
const patience = 15_000;

/**
 * Times two ways in turn, after a warm-up that does not count. Other load can only make a round
 * slower, so the fastest one is the result.
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
