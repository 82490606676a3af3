import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { createTurnDeps } from "../_shared/gateway/turn_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { openRecordings } from "../_shared/net/storage.ts";
import { widgetDatabase } from "./db.ts";
import { createWidgetHandler } from "./handler.ts";

export default defineFunction("widget", (env) => {
  const { call, ...turns } = createTurnDeps(env);
  return createWidgetHandler({
    ...turns,
    // Secrets are created by people, not with access keys.
    authenticate: createFunctionDeps(env).authenticate,
    keyring: env.keyEncryptionKeys ? createKeyring(env.keyEncryptionKeys) : null,
    widgets: widgetDatabase(call),
    recordings: openRecordings({ ...env, fetch }),
    clientAddressHeader: env.clientAddressHeader,
  });
}) satisfies Deno.ServeDefaultExport;
