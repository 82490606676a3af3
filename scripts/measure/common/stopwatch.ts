import type postgres from "postgres";

/** Says how many milliseconds a piece of work took. */
export type Stopwatch = (work: () => Promise<unknown>) => Promise<number>;

/** Milliseconds by the clock. */
export const clock: Stopwatch = async (work) => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/**
 * A stopwatch for the statements of one connection. On Linux it reads the processor time of the
 * server's process for this connection, which other load on the machine does not affect. Elsewhere
 * it is a clock.
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
