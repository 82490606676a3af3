import { createAuthenticate } from "../_shared/auth.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createKeyring } from "../_shared/encryption.ts";
import { createLog } from "../_shared/log.ts";
import { configsDatabase } from "./db.ts";
import { handleAgentConfigs } from "./handler.ts";

export default defineFunction("agent-configs", (env) => {
  const deps = {
    now: Date.now,
    log: createLog(),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: configsDatabase(createDatabase(env, fetch)),
    keyring: createKeyring(env.keyEncryptionKeys),
  };
  return (request) => handleAgentConfigs(request, deps);
}) satisfies Deno.ServeDefaultExport;
