import postgres, { type Sql, type TransactionSql } from "postgres";

/** Locks that were not to be had, deadlocks, conflicts, statements that took too long. */
const passing = new Set(["55P03", "40P01", "40001", "57014"]);

/** What a transaction may wait for and take. */
export interface Patience {
  /** The longest wait for a lock, such as "500ms". */
  lockTimeout: string;
  /** How often it is tried. */
  attempts: number;
}

/**
 * Runs a transaction that waits only shortly for locks, again after a pause where it did not get
 * them, so that no request of the application waits behind it.
 */
export async function withRetries<Result>(
  sql: Sql,
  { lockTimeout, attempts }: Patience,
  run: (transaction: TransactionSql) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1;; attempt++) {
    try {
      const result = await sql.begin(async (transaction) => {
        await transaction`select set_config('lock_timeout', ${lockTimeout}, true)`;
        return { value: await run(transaction) };
      });
      return result.value;
    } catch (error) {
      const isPassing = error instanceof postgres.PostgresError && passing.has(error.code);
      if (!isPassing || attempt >= attempts) throw error;
      const pause = Math.min(2000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
