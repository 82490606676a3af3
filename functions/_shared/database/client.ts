import { createClient } from "@supabase/supabase-js";
import type { Database, Json } from "./database.types.ts";
import { databaseError } from "./database_error.ts";
import type { Transport } from "./sql_caller.ts";
import type { Env } from "../core/env.ts";

/** Longer than the statement timeout, so that the database cancels a statement first. */
const TIMEOUT_MS = 15_000;

/**
 * Calls SQL functions through the Data API, as service_role. It sends no user's token, keeps no
 * session and never retries: only the caller knows whether a call may be repeated.
 */
export function dataApi(
  env: Pick<Env, "supabaseUrl" | "secretKey">,
  fetch: typeof globalThis.fetch,
): Transport {
  const client = createClient<Database>(env.supabaseUrl, env.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { timeout: TIMEOUT_MS, retry: false },
    global: { fetch },
  });
  return async (name, args, signal) => {
    const call = client.rpc(name, args);
    const { data, error, status } = await (signal ? call.abortSignal(signal) : call);
    if (error) throw databaseError(error, status);
    return data;
  };
}

/** An object as an argument of a database function. */
export function asJson(value: object): Json {
  // SAFETY: the value is sent serialized, which makes it JSON whatever it contains.
  return value as Json;
}
