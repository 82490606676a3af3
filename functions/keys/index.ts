import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createSecretKeys } from "../_shared/auth/secret_key.ts";
import { keysDatabase } from "./db.ts";
import { handleKeys } from "./handler.ts";
import { rotationDatabase } from "./rotation_db.ts";

export default defineFunction("keys", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const deps = {
    ...outside,
    secretKeys: createSecretKeys(env.secretKeys),
    keyring: createKeyring(env.keyEncryptionKeys),
    database: { ...keysDatabase(call), ...rotationDatabase(call) },
    fetch,
  };
  return (request) => handleKeys(request, deps);
}) satisfies Deno.ServeDefaultExport;
