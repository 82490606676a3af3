import { createAuthenticate } from "../_shared/auth/person.ts";
import { recordCalls } from "../_shared/database/record_calls.ts";
import { createDatabase } from "../_shared/database/client.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createLog } from "../_shared/core/log.ts";
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
