import type { DirectSettings } from "../core/direct_settings.ts";
import type { Env } from "../core/env.ts";
import type { Log } from "../core/log.ts";
import { hostLifetime } from "../core/runtime.ts";
import { dataApi } from "./client.ts";
import { connect } from "./direct/connection.ts";
import { createPool, type Pool } from "./direct/pool.ts";
import { directly } from "./direct/transport.ts";
import { withFallback } from "./fallback.ts";
import { createSqlCaller, type SqlCaller, type Transport } from "./sql_caller.ts";

/**
 * The state that the functions of an isolate share: its connections, and what was logged about
 * them.
 */
const isolate = { pools: new Map<string, Pool>(), hasLoggedTransport: false };

/**
 * Chooses the transport for SQL functions: direct connections to Postgres if the environment has an
 * address, else the Data API. The choice is logged once.
 *
 * If the operator set the address, a failure is an error; if only the platform did, the Data API is
 * used while the address cannot be reached.
 */
export function openDatabase(
  env: Pick<Env, "direct" | "supabaseUrl" | "secretKey">,
  { fetch, log }: { fetch: typeof globalThis.fetch; log: Log },
): SqlCaller {
  return createSqlCaller(chooseTransport(env, fetch, log));
}

function chooseTransport(
  env: Pick<Env, "direct" | "supabaseUrl" | "secretKey">,
  fetch: typeof globalThis.fetch,
  log: Log,
): Transport {
  if (env.direct === null) {
    if (!isolate.hasLoggedTransport) log("warn", { event: "database_through_data_api" });
    isolate.hasLoggedTransport = true;
    return dataApi(env, fetch);
  }
  const direct = directly(sharedPool(env.direct, log));
  if (env.direct.variable === "DATABASE_URL") return direct;
  return withFallback(direct, dataApi(env, fetch), { log, now: Date.now });
}

/** The connections of this isolate to one address. */
function sharedPool(settings: DirectSettings, log: Log): Pool {
  const key = JSON.stringify(settings);
  const known = isolate.pools.get(key);
  if (known) return known;
  if (settings.isSessionPooler) {
    const advice =
      "The pooler is in session mode, where each connection of a function keeps one of " +
      `the database. Use port 6543 in ${settings.variable}.`;
    log("warn", { event: "database_pooler_in_session_mode", advice });
  }
  const pool = createPool({
    size: settings.poolSize,
    open: () => connect(settings),
    report: (failure) =>
      failure
        ? log("error", {
          event: "database_not_connected",
          code: failure.code || null,
          reason: failure.message,
        })
        : log("info", { event: "database_connected_again" }),
  });
  isolate.pools.set(key, pool);
  hostLifetime().shutdown.addEventListener("abort", () => void pool.retire());
  // The request that made this isolate start is verified in the meantime.
  pool.warm();
  return pool;
}
