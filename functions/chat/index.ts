import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleChat } from "./handler.ts";

export default defineFunction("chat", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleChat(request, deps);
}) satisfies Deno.ServeDefaultExport;
