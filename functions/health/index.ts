import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createLog } from "../_shared/log.ts";
import { healthDatabase } from "./db.ts";
import { handleHealth } from "./handler.ts";

export default defineFunction("health", (env) => {
  const deps = {
    now: Date.now,
    log: createLog(),
    database: healthDatabase(createDatabase(env, fetch)),
  };
  return (request) => handleHealth(request, deps);
}) satisfies Deno.ServeDefaultExport;
