import type postgres from "postgres";

/** Two ways to the same, timed in turn. */
export interface Timing {
  /** Milliseconds of the fastest round. */
  ms: number;
  /** The same of the other way. */
  baseMs: number;
  /** The first beside the other. */
  ratio: number;
}

/** Says how many milliseconds a piece of work took. */
export type Stopwatch = (work: () => Promise<unknown>) => Promise<number>;

/** Milliseconds by the clock. */
export const clock: Stopwatch = async (work) => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/**
 * A stopwatch for what one connection asks. On Linux it reads the time that the server's process for
 * this connection spent on a processor: on a machine that others share, a clock would measure these.
 * Elsewhere it is a clock.
 */
export async function stopwatchOf(sql: postgres.Sql): Promise<Stopwatch> {
  const [row] = await sql<{ id: number }[]>`select pg_backend_pid() as id`;
  const file = `/proc/${row?.id}/schedstat`;
  if (!await Deno.stat(file).then(() => true, () => false)) return clock;
  return async (work) => {
    const before = await processorTime(file);
    await work();
    return await processorTime(file) - before;
  };
}

/** Milliseconds that a process has spent on a processor: the first number of the file, in nanoseconds. */
async function processorTime(file: string): Promise<number> {
  return Number.parseInt(await Deno.readTextFile(file), 10) / 1e6;
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
