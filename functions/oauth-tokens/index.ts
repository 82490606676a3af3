import { createAuthenticate } from "../_shared/auth.ts";
import { recordCalls } from "../_shared/call_recorder.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createKeyring } from "../_shared/encryption.ts";
import { createGuardedFetch } from "../_shared/guarded_fetch.ts";
import { hostLifetime } from "../_shared/lifetime.ts";
import { createLog } from "../_shared/log.ts";
import { createRedis } from "../_shared/redis.ts";
import { oauthDatabase } from "./db.ts";
import { handleOAuthTokens } from "./handler.ts";
import { createRefreshTokens } from "./refresh_tokens.ts";
import { createTokenCache } from "./token_cache.ts";
import { createTokenSeal } from "./token_seal.ts";

/** Of a token endpoint's answer. */
const MAX_ANSWER_BYTES = 64 * 1024;

export default defineFunction("oauth-tokens", (env) => {
  const log = createLog();
  const client = createDatabase(env, fetch);
  const keyring = createKeyring(env.keyEncryptionKeys);
  const guarded = createGuardedFetch({
    trustedHosts: env.trustedHosts,
    timeoutMs: 10_000,
    maxBytes: MAX_ANSWER_BYTES,
  });
  const deps = {
    log,
    calls: recordCalls(client, log),
    now: Date.now,
    lifetime: hostLifetime(),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: oauthDatabase(client),
    seal: createTokenSeal(keyring),
    refresh: createRefreshTokens({ fetch: guarded, variables: env.variables, now: Date.now }),
    cache: createTokenCache(createRedis(env.variables, { log }), keyring, Date.now),
  };
  return (request) => handleOAuthTokens(request, deps);
}) satisfies Deno.ServeDefaultExport;
