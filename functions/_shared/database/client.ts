import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database, Json } from "./database.types.ts";
import type { Env } from "../core/env.ts";

/** The Data API, with the tables and functions that it offers. */
export type DataApi = SupabaseClient<Database>;

/** Longer than any of our statements may take (the database cancels them first). */
const TIMEOUT_MS = 15_000;

/**
 * Makes a client that calls the Data API as service_role. It carries no user's token, keeps no
 * session, and never repeats a call by itself: what may be repeated is the caller's decision.
 */
export function createDatabase(
  env: Pick<Env, "supabaseUrl" | "secretKey">,
  fetch: typeof globalThis.fetch,
): DataApi {
  return createClient<Database>(env.supabaseUrl, env.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    db: { timeout: TIMEOUT_MS, retry: false },
    global: { fetch },
  });
}

/** An object as an argument of a database function. */
export function asJson(value: object): Json {
  // SAFETY: whatever value holds, what it is serialized to is JSON.
  return value as Json;
}
