import { createAuthenticate } from "../_shared/auth.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createLog } from "../_shared/log.ts";
import { accessKeysDatabase } from "./db.ts";
import { handleAccessKeys } from "./handler.ts";

export default defineFunction("access-keys", (env) => {
  const deps = {
    now: Date.now,
    log: createLog(),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: accessKeysDatabase(createDatabase(env, fetch)),
  };
  return (request) => handleAccessKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
