import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleImages } from "./handler.ts";

export default defineFunction("images", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleImages(request, deps);
}) satisfies Deno.ServeDefaultExport;
