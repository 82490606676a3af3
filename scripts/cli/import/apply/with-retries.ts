import postgres, { type Sql, type TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { describeBlockers } from "./describe-blockers.ts";

/** Transient errors: lock not available, deadlock, serialization failure, statement timeout. */
const passing = new Set(["55P03", "40P01", "40001", "57014"]);

/** How long a transaction waits for a lock, and how many attempts are made. */
export interface Patience {
  /** The longest wait for a lock, such as "500ms". */
  lockTimeout: string;
  /** The number of attempts. */
  attempts: number;
}

/** For tables that the application uses: its requests queue behind a pending lock request. */
export const brief: Patience = { lockTimeout: "100ms", attempts: 300 };

/**
 * For rows, which other requests rarely lock. The timeout is shorter than deadlock_timeout: in a
 * deadlock the import gives up before the server would cancel a request of the application.
 */
export const patient: Patience = { lockTimeout: "500ms", attempts: 100 };

/** Reports the blocking sessions after some seconds, and then about once a minute. */
const isTold = (attempt: number) => attempt === 8 || attempt % 40 === 0;

/**
 * Runs a transaction with a short lock timeout, so that no request of the application waits behind
 * it for long, and retries it after a pause if it did not get a lock.
 *
 * @throws {CommandError} with the blocking sessions if the last attempt got no lock.
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
      if (!isPassing) throw error;
      if (attempt >= attempts) throw await explainLock(sql, error);
      if (isTold(attempt)) await reportWait(sql);
      const pause = Math.min(2000, 50 * 2 ** Math.min(attempt, 6)) * (0.5 + Math.random());
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** Reports the blocking sessions. */
async function reportWait(sql: Sql): Promise<void> {
  const blockers = await describeBlockers(sql);
  if (blockers === null) return;
  console.error(
    `Waiting for a lock, in short attempts between which requests go on: ${blockers.sessions}.`,
  );
}

/** Explains a lock that was not available; returns any other error unchanged. */
async function explainLock(sql: Sql, error: postgres.PostgresError): Promise<Error> {
  const blockers = ["55P03", "57014"].includes(error.code) ? await describeBlockers(sql) : null;
  if (blockers === null) return error;
  return new CommandError(
    `Cannot get a lock: ${blockers.sessions}. Wait until its transaction has ended, or end it with "select pg_terminate_backend(${blockers.pid})", then run the same command again: it continues where it stopped.`,
  );
}

/**
 * Locks tables, all of them within 100 ms, or fails with an error that is retried. With a timeout
 * per lock, requests would wait behind the first table while this waits for the last one.
 */
export async function lockTables(
  transaction: TransactionSql,
  tables: readonly string[],
  mode: "share row exclusive" | "access exclusive",
): Promise<void> {
  if (tables.length === 0) return;
  await transaction`select set_config('statement_timeout', '100ms', true)`;
  await transaction.unsafe(`lock table ${[...new Set(tables)].join(", ")} in ${mode} mode`);
  await transaction`select set_config('statement_timeout', '0', true)`;
}
