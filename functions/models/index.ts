import { createAccessKeyGuard } from "../_shared/auth/access_key_guard.ts";
import { createAuthenticate } from "../_shared/auth/person.ts";
import { createCallLimiter } from "../_shared/rate_limit/call_limiter.ts";
import { recordCalls } from "../_shared/database/record_calls.ts";
import { acceptAccessKeys } from "../_shared/auth/caller.ts";
import { openDatabase } from "../_shared/database/open_database.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { hostLifetime } from "../_shared/core/runtime.ts";
import { createLog } from "../_shared/core/log.ts";
import { createRedis } from "../_shared/redis/client.ts";
import { modelsDatabase } from "./db.ts";
import { handleModels, type ModelsDeps } from "./handler.ts";

export default defineFunction("models", (env) => {
  const log = createLog();
  const call = openDatabase(env, { fetch, log });
  const redis = createRedis(env.variables, { log });
  const database = modelsDatabase(call);
  const guard = createAccessKeyGuard({ now: Date.now });
  const deps: ModelsDeps = {
    now: Date.now,
    log,
    calls: recordCalls(call, log),
    authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
    limiter: createCallLimiter(call, { redis, log, lifetime: hostLifetime() }),
    database: {
      listModels: (caller, rateLimit) =>
        guard.ask(caller, () => database.listModels(caller, rateLimit)),
    },
  };
  return (request) => handleModels(request, deps);
}) satisfies Deno.ServeDefaultExport;
