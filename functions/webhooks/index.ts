import { createSecretKeys } from "../_shared/auth/secret_key.ts";
import { sleep } from "../_shared/core/sleep.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createGuardedFetch } from "../_shared/net/guarded_fetch.ts";
import { webhooksDatabase } from "./db.ts";
import { DELIVERY_LIMITS } from "./deliver.ts";
import { handleWebhooks } from "./handler.ts";

export default defineFunction("webhooks", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const deps = {
    ...outside,
    sleep,
    limits: DELIVERY_LIMITS,
    database: webhooksDatabase(call),
    secretKeys: createSecretKeys(env.secretKeys),
    keyring: createKeyring(env.keyEncryptionKeys),
    trustedHosts: env.trustedHosts,
    guardedFetch: createGuardedFetch({
      trustedHosts: env.trustedHosts,
      timeoutMs: DELIVERY_LIMITS.callMs,
      maxBytes: null,
    }),
  };
  return (request) => handleWebhooks(request, deps);
}) satisfies Deno.ServeDefaultExport;
