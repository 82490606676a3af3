import { type Authenticate, createAuthenticate } from "../auth/person.ts";
import type { Env } from "../core/env.ts";
import { createLog } from "../core/log.ts";
import { hostLifetime, type Lifetime } from "../core/runtime.ts";
import type { RespondDeps } from "../http/respond.ts";
import { openDatabase } from "./open_database.ts";
import { recordCalls } from "./record_calls.ts";
import type { SqlCaller } from "./sql_caller.ts";

/** The dependencies that all functions have. */
export interface FunctionDeps extends RespondDeps {
  /** Calls functions of the database. */
  call: SqlCaller;
  /** Identifies a person by their access token. */
  authenticate: Authenticate;
  lifetime: Lifetime;
}

/** The production dependencies of a function, created once per isolate. */
export function createFunctionDeps(env: Env): FunctionDeps {
  const log = createLog();
  const call = openDatabase(env, { fetch, log });
  return {
    log,
    call,
    calls: recordCalls(call, log),
    now: Date.now,
    authenticate: createAuthenticate({ ...env, fetch }),
    lifetime: hostLifetime(),
  };
}
