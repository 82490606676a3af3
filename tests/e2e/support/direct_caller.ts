import { parseEnv } from "../../../functions/_shared/core/env.ts";
import { connect } from "../../../functions/_shared/database/direct/connection.ts";
import { createPool } from "../../../functions/_shared/database/direct/pool.ts";
import { directly } from "../../../functions/_shared/database/direct/transport.ts";
import { createSqlCaller, type SqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import { stack } from "./stack.ts";

/** Calls SQL functions over separate connections. */
export interface DirectCaller extends AsyncDisposable {
  call: SqlCaller;
}

/**
 * Connects like the functions, with the given number of connections, so that concurrent calls
 * compete in Postgres like those of many isolates.
 *
 * @param url Connection string. @default that of the stack under test
 * @param timeoutMs Timeout of a call, in milliseconds. @default that of the functions
 */
export function directCaller(size: number, url = stack.DB_URL, timeoutMs?: number): DirectCaller {
  const { direct } = parseEnv({
    SUPABASE_URL: "http://127.0.0.1:1",
    SUPABASE_SECRET_KEYS: '{"default":"none"}',
    DATABASE_URL: url,
  });
  if (direct === null) throw new Error(`Cannot connect directly to "${url}"`);
  const pool = createPool({ size, open: () => connect(direct), report: () => {} });
  return {
    call: createSqlCaller(directly(pool, timeoutMs)),
    [Symbol.asyncDispose]: () => pool.retire(),
  };
}
