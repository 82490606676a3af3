import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { configsDatabase } from "./db.ts";
import { handleAgentConfigs } from "./handler.ts";

export default defineFunction("agent-configs", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const deps = {
    ...outside,
    database: configsDatabase(call),
    keyring: createKeyring(env.keyEncryptionKeys),
  };
  return (request) => handleAgentConfigs(request, deps);
}) satisfies Deno.ServeDefaultExport;
