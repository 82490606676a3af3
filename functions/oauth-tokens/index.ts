import { createAuthenticate } from "../_shared/auth/person.ts";
import { recordCalls } from "../_shared/database/record_calls.ts";
import { openDatabase } from "../_shared/database/open_database.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createGuardedFetch } from "../_shared/net/guarded_fetch.ts";
import { hostLifetime } from "../_shared/core/runtime.ts";
import { createLog } from "../_shared/core/log.ts";
import { createRedis } from "../_shared/redis/client.ts";
import { oauthDatabase } from "./db.ts";
import { handleOAuthTokens } from "./handler.ts";
import { TOKEN_ENDPOINT_LIMITS } from "./limits.ts";
import { createRefreshTokens } from "./refresh_tokens.ts";
import { createTokenCache } from "./token_cache.ts";
import { createTokenSeal } from "./token_seal.ts";

export default defineFunction("oauth-tokens", (env) => {
  const log = createLog();
  const call = openDatabase(env, { fetch, log });
  const keyring = createKeyring(env.keyEncryptionKeys);
  const guarded = createGuardedFetch({
    trustedHosts: env.trustedHosts,
    ...TOKEN_ENDPOINT_LIMITS,
  });
  const deps = {
    log,
    calls: recordCalls(call, log),
    now: Date.now,
    lifetime: hostLifetime(),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: oauthDatabase(call),
    seal: createTokenSeal(keyring),
    refresh: createRefreshTokens({ fetch: guarded, variables: env.variables, now: Date.now }),
    cache: createTokenCache(createRedis(env.variables, { log }), keyring, Date.now),
  };
  return (request) => handleOAuthTokens(request, deps);
}) satisfies Deno.ServeDefaultExport;
