import type { Sql } from "postgres";
import type { ProgressBar } from "../../../common/progress-bar.ts";
import type { BoundTable } from "../design/bind.ts";
import { type Chunk, type ChunkResult, importChunk } from "./run-chunk.ts";
import { patient, withRetries } from "./with-retries.ts";

/** The progress of an import, in rows. */
export interface Progress {
  bar: ProgressBar;
  done: number;
  total: number;
}

/**
 * Imports the pending chunks of a mapping, several at a time, each in a transaction that also marks
 * it as done: an import that is killed continues with the next chunk.
 */
export async function runChunks(
  sql: Sql,
  bound: BoundTable,
  workers: number,
  progress: Progress,
): Promise<void> {
  const pending = await sql<Chunk[]>`
    select number, first::float, last::float, sequence_base::float as "sequenceBase" from agentbase_import.chunks
    where source = ${bound.source.schema} and mapping = ${bound.name} and state = 'pending'
    order by number`;
  let next = 0;
  const failures: unknown[] = [];
  const work = async () => {
    while (failures.length === 0) {
      const chunk = pending[next++];
      if (chunk === undefined) return;
      try {
        await runChunk(sql, bound, chunk);
      } catch (error) {
        failures.push(error);
      }
      progress.done += Math.max(0, chunk.last - chunk.first + 1);
      progress.bar.show(progress.done, progress.total);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  if (failures.length > 0) throw failures[0];
}

async function runChunk(
  sql: Sql,
  bound: BoundTable,
  chunk: Chunk,
): Promise<void> {
  const startedAt = performance.now();
  await withRetries(sql, patient, async (transaction) => {
    // A crash of the server may lose the last chunks together with their marks, so they are
    // repeated.
    await transaction`select set_config('synchronous_commit', 'off', true)`;
    const [claimed] = await transaction`
      select from agentbase_import.chunks
      where source = ${bound.source.schema} and mapping = ${bound.name}
        and number = ${chunk.number} and state = 'pending'
      for update`;
    // Another process has imported the chunk.
    if (claimed === undefined) return;
    const result: ChunkResult = await importChunk(transaction, bound, chunk);
    await transaction`
      update agentbase_import.chunks
      set state = 'done', rows_in = ${result.rowsIn}, rows_out = ${result.rowsOut},
        rows_bad = ${result.rowsBad}, milliseconds = ${Math.round(performance.now() - startedAt)},
        ended_at = clock_timestamp()
      where source = ${bound.source.schema} and mapping = ${bound.name}
        and number = ${chunk.number}`;
  });
}
