import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { handleV1 } from "./handler.ts";

export default defineFunction("v1", (env) => {
  const deps = createFunctionDeps(env);
  return (request) => handleV1(request, deps);
}) satisfies Deno.ServeDefaultExport;
