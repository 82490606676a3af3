import { createAuthenticate } from "../_shared/auth.ts";
import { recordCalls } from "../_shared/call_recorder.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createLog } from "../_shared/log.ts";
import { accessKeysDatabase } from "./db.ts";
import { handleAccessKeys } from "./handler.ts";

export default defineFunction("access-keys", (env) => {
  const log = createLog();
  const client = createDatabase(env, fetch);
  const deps = {
    now: Date.now,
    log,
    calls: recordCalls(client, log),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: accessKeysDatabase(client),
  };
  return (request) => handleAccessKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
