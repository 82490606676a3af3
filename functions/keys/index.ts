import { createAuthenticate } from "../_shared/auth/person.ts";
import { recordCalls } from "../_shared/database/record_calls.ts";
import { openDatabase } from "../_shared/database/open_database.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createLog } from "../_shared/core/log.ts";
import { createSecretKeys } from "../_shared/auth/secret_key.ts";
import { keysDatabase } from "./db.ts";
import { handleKeys } from "./handler.ts";
import { rotationDatabase } from "./rotation_db.ts";

export default defineFunction("keys", (env) => {
  const log = createLog();
  const call = openDatabase(env, { fetch, log });
  const deps = {
    now: Date.now,
    log,
    calls: recordCalls(call, log),
    authenticate: createAuthenticate({ ...env, fetch }),
    secretKeys: createSecretKeys(env.secretKeys),
    keyring: createKeyring(env.keyEncryptionKeys),
    database: { ...keysDatabase(call), ...rotationDatabase(call) },
    fetch,
  };
  return (request) => handleKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
