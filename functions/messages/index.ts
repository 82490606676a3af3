import { anthropicErrors } from "../_shared/gateway/formats/anthropic_messages/errors.ts";
import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleMessages } from "./handler.ts";

export default defineFunction("messages", (env) => {
  const deps = createTurnDeps(env);
  return (request) => handleMessages(request, deps);
}, anthropicErrors) satisfies Deno.ServeDefaultExport;
