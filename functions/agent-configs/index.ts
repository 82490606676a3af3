import { createAuthenticate } from "../_shared/auth/person.ts";
import { recordCalls } from "../_shared/database/record_calls.ts";
import { openDatabase } from "../_shared/database/open_database.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createLog } from "../_shared/core/log.ts";
import { configsDatabase } from "./db.ts";
import { handleAgentConfigs } from "./handler.ts";

export default defineFunction("agent-configs", (env) => {
  const log = createLog();
  const call = openDatabase(env, { fetch, log });
  const deps = {
    now: Date.now,
    log,
    calls: recordCalls(call, log),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: configsDatabase(call),
    keyring: createKeyring(env.keyEncryptionKeys),
  };
  return (request) => handleAgentConfigs(request, deps);
}) satisfies Deno.ServeDefaultExport;
