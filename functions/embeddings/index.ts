import { createAuthenticate } from "../_shared/auth.ts";
import { acceptAccessKeys } from "../_shared/caller.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createTurnDeps } from "../_shared/turn/turn_deps.ts";
import { handleEmbeddings } from "./handler.ts";

export default defineFunction("embeddings", (env) => {
  const deps = {
    ...createTurnDeps(env),
    authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
  };
  return (request) => handleEmbeddings(request, deps);
}) satisfies Deno.ServeDefaultExport;
