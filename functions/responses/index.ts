import { responsesErrors } from "../_shared/gateway/formats/openai_responses/errors.ts";
import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { responsesDatabase } from "./db.ts";
import { handleResponses } from "./handler.ts";

export default defineFunction("responses", (env) => {
  const { call, guard, ...deps } = createTurnDeps(env);
  const responses = responsesDatabase(call, guard);
  return (request) => handleResponses(request, { ...deps, responses });
}, responsesErrors) satisfies Deno.ServeDefaultExport;
