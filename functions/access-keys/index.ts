import { createAuthenticate } from "../_shared/auth.ts";
import { createCallRecorder, sendCalls } from "../_shared/call_recorder.ts";
import { createDatabase } from "../_shared/database.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { hostLifetime } from "../_shared/lifetime.ts";
import { createLog } from "../_shared/log.ts";
import { accessKeysDatabase } from "./db.ts";
import { handleAccessKeys } from "./handler.ts";

export default defineFunction("access-keys", (env) => {
  const log = createLog();
  const client = createDatabase(env, fetch);
  const deps = {
    now: Date.now,
    log,
    calls: createCallRecorder({
      send: sendCalls(client),
      lifetime: hostLifetime(),
      log,
      now: Date.now,
    }),
    authenticate: createAuthenticate({ ...env, fetch }),
    database: accessKeysDatabase(client),
  };
  return (request) => handleAccessKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
