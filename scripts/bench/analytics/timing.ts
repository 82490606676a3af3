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

/**
 * A stopwatch for what one connection asks. On Linux it reads the time that the server's process for
 * this connection spent on a processor: on a machine that others share, a clock would measure these.
 * Elsewhere it is a clock.
 */
export async function stopwatchOf(sql: postgres.Sql): Promise<Stopwatch> {
  const [row] = await sql<{ id: number }[]>`select pg_backend_pid() as id`;
  const file = `/proc/${row?.id}/schedstat`;
  const isLinux = await Deno.stat(file).then(() => true, () => false);
  const now = isLinux ? () => processorTime(file) : () => Promise.resolve(performance.now());
  return async (work) => {
    const before = await now();
    await work();
    return await now() - before;
  };
}

/** Milliseconds that a process has spent on a processor: the first number of the file, in nanoseconds. */
async function processorTime(file: string): Promise<number> {
  return Number.parseInt(await Deno.readTextFile(file), 10) / 1e6;
}

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
  for (let round = 0; round < rounds; round++) {
    ms = Math.min(ms, await work());
    baseMs = Math.min(baseMs, await base());
  }
  return { ms, baseMs, ratio: ms / baseMs };
}
