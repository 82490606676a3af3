import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleEmbeddings } from "./handler.ts";

export default defineFunction("embeddings", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleEmbeddings(request, deps);
}) satisfies Deno.ServeDefaultExport;
