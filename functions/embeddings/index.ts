import { createAuthenticate } from "../_shared/auth.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createTurnDeps } from "../_shared/turn/turn_deps.ts";
import { handleEmbeddings } from "./handler.ts";

export default defineFunction("embeddings", (env) => {
  const deps = {
    ...createTurnDeps(env),
    authenticate: createAuthenticate({ ...env, fetch }),
  };
  return (request) => handleEmbeddings(request, deps);
}) satisfies Deno.ServeDefaultExport;
