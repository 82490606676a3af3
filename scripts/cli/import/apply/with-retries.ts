import postgres, { type Sql, type TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { describeBlockers } from "./describe-blockers.ts";

/** Locks that were not available, deadlocks, conflicts, statements that took too long. */
const passing = new Set(["55P03", "40P01", "40001", "57014"]);

/** How long a transaction waits for a lock, and how often it is tried. */
export interface Patience {
  /** The longest wait for a lock, such as "500ms". */
  lockTimeout: string;
  /** How often it is tried. */
  attempts: number;
}

/** For tables that the application uses: its requests wait behind a lock that is waited for. */
export const brief: Patience = { lockTimeout: "100ms", attempts: 300 };

/**
 * For rows, which other requests rarely hold. Less than deadlock_timeout: in a deadlock the import
 * gives up, before the server would choose a request of the application.
 */
export const patient: Patience = { lockTimeout: "500ms", attempts: 100 };

/** Who is waited for is said after so many attempts, some seconds, and then about once a minute. */
const isTold = (attempt: number) => attempt === 8 || attempt % 40 === 0;

/**
 * Runs a transaction with a short lock timeout, and again after a pause if it did not get a lock, so
 * that no request of the application waits behind it for long.
 *
 * @throws {CommandError} with the sessions that are in the way, when the last attempt got no lock.
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

/** Says whom it waits for. */
async function reportWait(sql: Sql): Promise<void> {
  const blockers = await describeBlockers(sql);
  if (blockers === null) return;
  console.error(
    `Waiting for a lock, in short attempts between which requests go on: ${blockers.sessions}.`,
  );
}

/** What to do about a lock that could not be had; an error of another kind stays as it is. */
async function explainLock(sql: Sql, error: postgres.PostgresError): Promise<Error> {
  const blockers = ["55P03", "57014"].includes(error.code) ? await describeBlockers(sql) : null;
  if (blockers === null) return error;
  return new CommandError(
    `Cannot get a lock: ${blockers.sessions}. Wait until its transaction has ended, or end it with "select pg_terminate_backend(${blockers.pid})", then run the same command again: it continues where it stopped.`,
  );
}

/**
 * Locks tables, all of them within 100 ms, or fails in a way that is tried again: with a time for each
 * lock, requests would wait behind the first while the last is waited for.
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
