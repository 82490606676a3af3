import { createAgentHealthCache } from "../_shared/redis/mirrors/agent_health.ts";
import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createGuardedFetch } from "../_shared/net/guarded_fetch.ts";
import { createRedis } from "../_shared/redis/client.ts";
import { createSecretKeys } from "../_shared/auth/secret_key.ts";
import { createAccessTokens } from "../_shared/gateway/call/access_token.ts";
import { healthDatabase } from "./db.ts";
import { handleHealth } from "./handler.ts";
import { PROBE_LIMITS } from "./probe/limits.ts";

export default defineFunction("health", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const redis = createRedis(env.variables, outside);
  const deps = {
    ...outside,
    env,
    redis,
    limits: PROBE_LIMITS,
    database: healthDatabase(call),
    secretKeys: createSecretKeys(env.secretKeys),
    healthCache: createAgentHealthCache(redis, Date.now),
    guardedFetch: createGuardedFetch({
      trustedHosts: env.trustedHosts,
      timeoutMs: PROBE_LIMITS.callMs,
      maxBytes: PROBE_LIMITS.answerBytes,
    }),
    accessToken: createAccessTokens({ fetch, now: Date.now }),
  };
  return (request) => handleHealth(request, deps);
}) satisfies Deno.ServeDefaultExport;
