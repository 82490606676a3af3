import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createGuardedFetch } from "../_shared/net/guarded_fetch.ts";
import { createRedis } from "../_shared/redis/client.ts";
import { oauthDatabase } from "./db.ts";
import { handleOAuthTokens } from "./handler.ts";
import { TOKEN_ENDPOINT_LIMITS } from "./limits.ts";
import { createRefreshTokens } from "./refresh_tokens.ts";
import { createRevokeTokens } from "./revoke_tokens.ts";
import { createTokenCache } from "./token_cache.ts";
import { createTokenSeal } from "./token_seal.ts";

export default defineFunction("oauth-tokens", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const keyring = createKeyring(env.keyEncryptionKeys);
  const guarded = createGuardedFetch({
    trustedHosts: env.trustedHosts,
    ...TOKEN_ENDPOINT_LIMITS,
  });
  const { variables } = env;
  const refresh = createRefreshTokens({ fetch: guarded, variables, now: Date.now });
  const deps = {
    ...outside,
    database: oauthDatabase(call),
    seal: createTokenSeal(keyring),
    refresh,
    revoke: createRevokeTokens({ fetch: guarded, refresh, variables }),
    cache: createTokenCache(createRedis(variables, outside), keyring, Date.now),
  };
  return (request) => handleOAuthTokens(request, deps);
}) satisfies Deno.ServeDefaultExport;
