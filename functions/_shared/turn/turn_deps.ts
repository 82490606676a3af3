import { createAccessKeyGuard } from "../access_key_guard.ts";
import { createCallLimiter } from "../call_limiter.ts";
import { recordCalls } from "../call_recorder.ts";
import { createTurnCache } from "../cache_turn.ts";
import { createDatabase } from "../database.ts";
import { createKeyring } from "../encryption.ts";
import type { Env } from "../env.ts";
import { hostLifetime } from "../lifetime.ts";
import { createLog } from "../log.ts";
import { createRedis } from "../redis.ts";
import type { RespondDeps } from "../respond.ts";
import { placeOfKey } from "../stored_key.ts";
import { createAccessTokens } from "./access_token.ts";
import { turnDatabase } from "./database.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { TurnDeps } from "./take_turn.ts";

/** The real outside of a function that takes turns, once per isolate. */
export function createTurnDeps(env: Env): TurnDeps & RespondDeps {
  const log = createLog();
  const lifetime = hostLifetime();
  const client = createDatabase(env, fetch);
  const keyring = env.keyEncryptionKeys ? createKeyring(env.keyEncryptionKeys) : null;
  const redis = createRedis(env.variables, { log });
  const database = turnDatabase(client);
  const guard = createAccessKeyGuard({ now: Date.now });
  return {
    env,
    fetch,
    log,
    lifetime,
    limiter: createCallLimiter(client, { redis, log, lifetime }),
    cache: redis && createTurnCache(redis, Date.now),
    now: Date.now,
    random: Math.random,
    limits: DEFAULT_LIMITS,
    database: {
      ...database,
      beginTurn: (caller, request) => guard.ask(caller, () => database.beginTurn(caller, request)),
    },
    ...keyring && { decryptKey: (key) => keyring.decrypt(key.encrypted_key, placeOfKey(key)) },
    accessToken: createAccessTokens({ fetch, now: Date.now }),
    calls: recordCalls(client, log),
  };
}
