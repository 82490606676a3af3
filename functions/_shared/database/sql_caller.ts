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
 * @param signal Ends the call before the client's own time is up.
 * @throws {ApiError} What a failed call means to the caller; see {@linkcode databaseError}.
 */
export type SqlCaller = <Name extends keyof SqlFunctions, Value>(
  name: Name,
  args: SqlFunctions[Name]["Args"],
  returns: z.ZodType<Value>,
  signal?: AbortSignal,
) => Promise<Value>;

/**
 * One way to a SQL function: the Data API, or a connection of Postgres. Both return the same and let
 * the function see the same.
 *
 * @throws {ApiError} for what the database says.
 * @throws {ConnectionFailure} where it cannot be asked.
 */
export type Transport = <Name extends keyof SqlFunctions>(
  name: Name,
  args: SqlFunctions[Name]["Args"],
  signal?: AbortSignal,
) => Promise<unknown>;

/** What is read of a function that returns nothing, or nothing that anybody needs. */
export const NOTHING: z.ZodType<void> = z.unknown().transform(() => {});

/** Makes the caller of a transport. A call is sent once: whether it may be repeated others know. */
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
