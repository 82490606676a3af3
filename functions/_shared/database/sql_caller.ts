import { z } from "zod";
import type { DataApi } from "./client.ts";
import type { Database } from "./database.types.ts";
import { databaseError } from "./database_error.ts";

type SqlFunctions = Database["public"]["Functions"];

/**
 * Calls a SQL function and reads what it returns.
 *
 * @param returns What the function returns.
 * @param signal Ends the call before the client's own time is up.
 * @throws {ApiError} What a call that failed means to whoever asked; see {@linkcode databaseError}.
 */
export type SqlCaller = <Name extends keyof SqlFunctions, Value>(
  name: Name,
  args: SqlFunctions[Name]["Args"],
  returns: z.ZodType<Value>,
  signal?: AbortSignal,
) => Promise<Value>;

/** What is read of a function that returns nothing, or nothing that anybody needs. */
export const NOTHING: z.ZodType<void> = z.unknown().transform(() => {});

/** Makes the caller of a client. A call is one request: whether it may be repeated others know. */
export function createSqlCaller(client: DataApi): SqlCaller {
  return async (name, args, returns, signal) => {
    const call = client.rpc(name, args);
    const { data, error, status } = await (signal ? call.abortSignal(signal) : call);
    if (error) throw databaseError(error, status);
    return returns.parse(data);
  };
}
