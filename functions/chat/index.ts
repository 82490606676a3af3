import { createAuthenticate } from "../_shared/auth/person.ts";
import { acceptAccessKeys } from "../_shared/auth/caller.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { handleChat } from "./handler.ts";

export default defineFunction("chat", (env) => {
  const deps = {
    ...createTurnDeps(env),
    authenticate: acceptAccessKeys(createAuthenticate({ ...env, fetch }), env),
  };
  return (request) => handleChat(request, deps);
}) satisfies Deno.ServeDefaultExport;
