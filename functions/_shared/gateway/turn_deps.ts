import { acceptAccessKeys, type AuthenticateCaller } from "../auth/caller.ts";
import { type AccessKeyGuard, createAccessKeyGuard } from "../auth/access_key_guard.ts";
import { createCallLimiter } from "../rate_limit/call_limiter.ts";
import { createTurnCache } from "../redis/mirrors/turn.ts";
import type { SqlCaller } from "../database/sql_caller.ts";
import { createFunctionDeps } from "../database/function_deps.ts";
import { createKeyring } from "../crypto/envelope.ts";
import type { Env } from "../core/env.ts";
import { createRedis } from "../redis/client.ts";
import type { RespondDeps } from "../http/respond.ts";
import { bindingOfKey } from "../crypto/stored_key.ts";
import { createAccessTokens } from "./call/access_token.ts";
import { turnDatabase } from "./turn_database.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { createAdmission } from "../http/admission.ts";
import type { TurnDeps } from "./run_turn.ts";

/** The production dependencies of a function that runs turns, created once per isolate. */
export function createTurnDeps(
  env: Env,
): TurnDeps & RespondDeps & {
  authenticate: AuthenticateCaller;
  /** Calls functions of the database. */
  call: SqlCaller;
  /** Calls the database for callers whom it may refuse. */
  guard: AccessKeyGuard;
} {
  const { call, authenticate, ...outside } = createFunctionDeps(env);
  const keyring = env.keyEncryptionKeys ? createKeyring(env.keyEncryptionKeys) : null;
  const redis = createRedis(env.variables, outside);
  const database = turnDatabase(call);
  const guard = createAccessKeyGuard({ now: Date.now });
  return {
    ...outside,
    call,
    guard,
    authenticate: acceptAccessKeys(authenticate, env),
    env,
    fetch,
    limiter: createCallLimiter(call, { ...outside, redis }),
    cache: redis && createTurnCache(redis, Date.now, outside.lifetime.shutdown),
    random: Math.random,
    limits: DEFAULT_LIMITS,
    admission: createAdmission(DEFAULT_LIMITS.chatBytesInFlight, DEFAULT_LIMITS.requestBytes),
    database: {
      ...database,
      beginTurn: (caller, request) => guard.ask(caller, () => database.beginTurn(caller, request)),
      countPrompt: (caller, request) =>
        guard.ask(caller, () => database.countPrompt(caller, request)),
    },
    ...keyring && { decryptKey: (key) => keyring.decrypt(key.encrypted_key, bindingOfKey(key)) },
    accessToken: createAccessTokens({ fetch, now: Date.now }),
  };
}
