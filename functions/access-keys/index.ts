import { createAuthenticate } from "../_shared/auth/person.ts";
import { recordCalls } from "../_shared/database/record_calls.ts";
import { openDatabase } from "../_shared/database/open_database.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createLog } from "../_shared/core/log.ts";
import { accessKeysDatabase } from "./db.ts";
import { handleAccessKeys } from "./handler.ts";

export default defineFunction("access-keys", (env) => {
  const log = createLog();
  const call = openDatabase(env, { fetch, log });
  const deps = {
    now: Date.now,
    log,
    calls: recordCalls(call, log),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: accessKeysDatabase(call),
  };
  return (request) => handleAccessKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
