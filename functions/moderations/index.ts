import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleModerations } from "./handler.ts";

export default defineFunction("moderations", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleModerations(request, deps);
}) satisfies Deno.ServeDefaultExport;
