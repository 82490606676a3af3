import type { Log } from "../core/log.ts";
import type { Lifetime } from "../core/runtime.ts";
import type { RequestContext } from "../http/context.ts";
import type { EndpointDeps } from "./call/endpoint.ts";
import type { TurnLimits } from "./limits.ts";
import type { Ledger } from "./settle/ledger.ts";
import type { Turn } from "./turn_database.ts";

/** The dependencies of calling upstreams. */
export interface CallDeps extends EndpointDeps {
  fetch: typeof globalThis.fetch;
  lifetime: Lifetime;
  limits: TurnLimits;
  log: Log;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** From 0 up to but not including 1, as Math.random(). */
  random: () => number;
}

/** A turn that has begun. */
export interface OpenTurn {
  turn: Turn;
  ledger: Ledger;
  context: RequestContext;
  deps: CallDeps;
}
