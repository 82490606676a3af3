import { createAuthenticate } from "../_shared/auth.ts";
import { recordCalls } from "../_shared/call_recorder.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createKeyring } from "../_shared/encryption.ts";
import { createLog } from "../_shared/log.ts";
import { createSecretKeys } from "../_shared/secret_key.ts";
import { keysDatabase } from "./db.ts";
import { handleKeys } from "./handler.ts";
import { rotationDatabase } from "./rotation_db.ts";

export default defineFunction("keys", (env) => {
  const log = createLog();
  const client = createDatabase(env, fetch);
  const deps = {
    now: Date.now,
    log,
    calls: recordCalls(client, log),
    authenticate: createAuthenticate({ ...env, fetch }),
    secretKeys: createSecretKeys(env.secretKeys),
    keyring: createKeyring(env.keyEncryptionKeys),
    database: { ...keysDatabase(client), ...rotationDatabase(client) },
    fetch,
  };
  return (request) => handleKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
