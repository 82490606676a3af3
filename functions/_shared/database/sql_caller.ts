import { z } from "zod";
import type { Database } from "./database.types.ts";
import { databaseError } from "./database_error.ts";
import { ConnectionFailure } from "./direct/failure.ts";

/** The SQL functions of the schema public. */
export type SqlFunctions = Database["public"]["Functions"];

/**
 * Calls a SQL function and reads what it returns.
 *
 * @param returns What the function returns.
 * @param signal Ends the call before the client's own timeout.
 * @throws {ApiError} See {@linkcode databaseError}.
 */
export type SqlCaller = <Name extends keyof SqlFunctions, Value>(
  name: Name,
  args: SqlFunctions[Name]["Args"],
  returns: z.ZodType<Value>,
  signal?: AbortSignal,
) => Promise<Value>;

/**
 * A transport for calls of SQL functions: the Data API, or a connection of Postgres. Both pass the
 * same arguments and return the same results.
 *
 * @throws {ApiError} for an error of the database.
 * @throws {ConnectionFailure} if the call could not be sent.
 */
export type Transport = <Name extends keyof SqlFunctions>(
  name: Name,
  args: SqlFunctions[Name]["Args"],
  signal?: AbortSignal,
) => Promise<unknown>;

/** The schema of a function whose result is not used. */
export const NOTHING: z.ZodType<void> = z.unknown().transform(() => {});

/** Makes the caller of a transport. A call is sent once; retries are up to its callers. */
export function createSqlCaller(transport: Transport): SqlCaller {
  return async (name, args, returns, signal) => {
    try {
      return returns.parse(await transport(name, args, signal));
    } catch (thrown) {
      if (thrown instanceof ConnectionFailure) throw databaseError(thrown, 0);
      throw thrown;
    }
  };
}
