import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { accessKeysDatabase } from "./db.ts";
import { handleAccessKeys } from "./handler.ts";

export default defineFunction("access-keys", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const deps = {
    ...outside,
    database: accessKeysDatabase(call),
  };
  return (request) => handleAccessKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
