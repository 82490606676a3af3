import { createAuthenticate } from "../_shared/auth.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createLog } from "../_shared/log.ts";
import { modelsDatabase } from "./db.ts";
import { handleModels } from "./handler.ts";

export default defineFunction("models", (env) => {
  const deps = {
    now: Date.now,
    log: createLog(),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: modelsDatabase(createDatabase(env, fetch)),
  };
  return (request) => handleModels(request, deps);
}) satisfies Deno.ServeDefaultExport;
