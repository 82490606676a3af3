import { databaseError } from "../database_error.ts";
import type { Transport } from "../sql_caller.ts";
import type { Rows } from "./connection.ts";
import { ConnectionFailure } from "./failure.ts";
import type { Pool } from "./pool.ts";

/** Waiting for a connection and the call together; the server ends a statement sooner. */
const TIMEOUT_MS = 15_000;

/**
 * Calls SQL functions over connections of Postgres. Each call is one unnamed statement, hence one
 * round trip and one transaction, as a pooler in transaction mode requires.
 *
 * @param timeoutMs How long a call may take, in milliseconds.
 */
export function directly(pool: Pick<Pool, "run">, timeoutMs = TIMEOUT_MS): Transport {
  return async (name, args, signal) => {
    // AbortSignal.timeout() would keep a timer for each of thousands of calls that have long ended.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(outOfTime()), timeoutMs);
    const until = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
    const { text, values } = statement(name, args);
    try {
      return valueOf(name, await pool.run((connection) => connection.run(text, values), until));
    } catch (thrown) {
      if (thrown instanceof ConnectionFailure) throw thrown;
      throw databaseError(fieldsOf(thrown), 500);
    } finally {
      clearTimeout(timer);
    }
  };
}

function outOfTime(): DOMException {
  return new DOMException("Signal timed out.", "TimeoutError");
}

/**
 * Writes a call: `select * from public.name(a => $1)`. An object is sent as JSON, anything else as
 * its text, and Postgres knows the types of the parameters from the function.
 */
function statement(name: string, args: object): { text: string; values: (string | null)[] } {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const list = given.map(([argument], index) => `"${argument}" => $${index + 1}`).join(", ");
  return {
    text: `select * from public."${name}"(${list})`,
    values: given.map(([, value]) => parameter(value)),
  };
}

function parameter(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * Converts rows to the result of the Data API: the value of a function that returns one value, else
 * its rows as objects. The column of a function that returns one value has the function's name.
 */
function valueOf(name: string, { columns, rows }: Rows): unknown {
  if (columns.length === 1 && columns[0] === name) return rows[0]?.[0] ?? null;
  return rows.map((row) =>
    Object.fromEntries(columns.map((column, index) => [column, row[index]]))
  );
}

/** The fields of an error of Postgres, under the names of the Data API. */
function fieldsOf(thrown: unknown): Record<string, unknown> {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  return {
    message: thrown.message,
    code: Reflect.get(thrown, "code"),
    details: Reflect.get(thrown, "detail"),
    hint: Reflect.get(thrown, "hint"),
  };
}
