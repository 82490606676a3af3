import { createAccessKeyGuard } from "../_shared/auth/access_key_guard.ts";
import { createCallLimiter } from "../_shared/rate_limit/call_limiter.ts";
import { acceptAccessKeys } from "../_shared/auth/caller.ts";
import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createRedis } from "../_shared/redis/client.ts";
import { hasCredential } from "../_shared/gateway/call/endpoint.ts";
import { modelsDatabase, readyFirst } from "../_shared/gateway/model_list.ts";
import { handleModels, type ModelsDeps } from "./handler.ts";

export default defineFunction("models", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const redis = createRedis(env.variables, outside);
  const database = modelsDatabase(call);
  const guard = createAccessKeyGuard({ now: Date.now });
  const deps: ModelsDeps = {
    ...outside,
    authenticate: acceptAccessKeys(outside.authenticate, env),
    limiter: createCallLimiter(call, { ...outside, redis }),
    database: {
      listModels: async (caller, rateLimit, model) => {
        const ask = () => database.listModels(caller, rateLimit, model);
        const listed = await guard.ask(caller, ask);
        return readyFirst(listed, (vendorId) => hasCredential(env.variables, vendorId));
      },
    },
  };
  return (request) => handleModels(request, deps);
}) satisfies Deno.ServeDefaultExport;
