import { createSecretKeys } from "../_shared/auth/secret_key.ts";
import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { openRecordings } from "../_shared/net/storage.ts";
import { audioDatabase } from "./db.ts";
import { handleAudio } from "./handler.ts";

export default defineFunction("audio", (env) => {
  const turnDeps = createTurnDeps(env);
  const deps = {
    ...turnDeps,
    secretKeys: createSecretKeys(env.secretKeys),
    audioDatabase: audioDatabase(turnDeps.call, turnDeps.guard),
    recordings: openRecordings({ ...env, fetch }),
  };
  return (request) => handleAudio(request, deps);
}) satisfies Deno.ServeDefaultExport;
