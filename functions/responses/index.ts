import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleResponses } from "./handler.ts";

export default defineFunction("responses", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleResponses(request, deps);
}) satisfies Deno.ServeDefaultExport;
