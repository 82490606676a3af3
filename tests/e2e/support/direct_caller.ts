import { parseEnv } from "../../../functions/_shared/core/env.ts";
import { connect } from "../../../functions/_shared/database/direct/connection.ts";
import { createPool } from "../../../functions/_shared/database/direct/pool.ts";
import { directly } from "../../../functions/_shared/database/direct/transport.ts";
import { createSqlCaller, type SqlCaller } from "../../../functions/_shared/database/sql_caller.ts";
import { stack } from "./stack.ts";

/** SQL functions, called over connections of its own. */
export interface DirectCaller extends AsyncDisposable {
  call: SqlCaller;
}

/**
 * Connects as the functions do, with as many connections as a test wants: calls at the same time then
 * meet in Postgres, as those of many isolates do.
 *
 * @param url Connection string. @default that of the stack under test
 * @param timeoutMs How long a call may take, in milliseconds. @default what the functions wait
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
