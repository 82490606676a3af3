import { createAuthenticate } from "../_shared/auth.ts";
import { acceptAccessKeys } from "../_shared/caller.ts";
import { defineFunction } from "../_shared/define_function.ts";
import { createTurnDeps } from "../_shared/turn/turn_deps.ts";
import { handleChat } from "./handler.ts";

export default defineFunction("chat", (env) => {
  const deps = {
    ...createTurnDeps(env),
    authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
  };
  return (request) => handleChat(request, deps);
}) satisfies Deno.ServeDefaultExport;
