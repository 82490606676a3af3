import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleAudio } from "./handler.ts";

export default defineFunction("audio", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleAudio(request, deps);
}) satisfies Deno.ServeDefaultExport;
