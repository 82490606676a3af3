import { createAuthenticate } from "../_shared/auth.ts";
import { recordCalls } from "../_shared/call_recorder.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createKeyring } from "../_shared/encryption.ts";
import { createLog } from "../_shared/log.ts";
import { configsDatabase } from "./db.ts";
import { handleAgentConfigs } from "./handler.ts";

export default defineFunction("agent-configs", (env) => {
  const log = createLog();
  const client = createDatabase(env, fetch);
  const deps = {
    now: Date.now,
    log,
    calls: recordCalls(client, log),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: configsDatabase(client),
    keyring: createKeyring(env.keyEncryptionKeys),
  };
  return (request) => handleAgentConfigs(request, deps);
}) satisfies Deno.ServeDefaultExport;
