import { createAuthenticate } from "../_shared/auth.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { hostLifetime } from "../_shared/lifetime.ts";
import { createLog } from "../_shared/log.ts";
import { chatDatabase } from "./db.ts";
import { handleChat } from "./handler.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

export default defineFunction("chat", (env) => {
  const deps = {
    env,
    fetch,
    now: Date.now,
    log: createLog(),
    lifetime: hostLifetime(),
    limits: DEFAULT_LIMITS,
    authenticate: createAuthenticate({ ...env, fetch }),
    database: chatDatabase(createDatabase(env, fetch)),
  };
  return (request) => handleChat(request, deps);
}) satisfies Deno.ServeDefaultExport;
