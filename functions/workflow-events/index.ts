import { createAccessKeyGuard } from "../_shared/auth/access_key_guard.ts";
import { acceptAccessKeys } from "../_shared/auth/caller.ts";
import { createTryLimiter } from "../_shared/auth/try_limiter.ts";
import { createKeyring } from "../_shared/crypto/envelope.ts";
import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { type Reporter, workflowEventsDatabase } from "./db.ts";
import { handleWorkflowEvents } from "./handler.ts";

export default defineFunction("workflow-events", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const database = workflowEventsDatabase(call);
  const guard = createAccessKeyGuard({ now: Date.now });
  const ask = <Answer>(reporter: Reporter, question: () => Promise<Answer>) =>
    "webhook" in reporter ? question() : guard.ask(reporter, question);
  const deps = {
    ...outside,
    // Requests with an access key need no keyring.
    keyring: env.keyEncryptionKeys ? createKeyring(env.keyEncryptionKeys) : null,
    clientAddressHeader: env.clientAddressHeader,
    signatureTries: createTryLimiter({
      now: Date.now,
      code: "too_many_invalid_signatures",
      failed: "Cannot check another signature",
      reason: "it sent too many invalid ones",
    }),
    authenticate: acceptAccessKeys(outside.authenticate, env),
    database: {
      ...database,
      report: (...args: Parameters<typeof database.report>) =>
        ask(args[0], () => database.report(...args)),
      reportDeployment: (...args: Parameters<typeof database.reportDeployment>) =>
        ask(args[0], () => database.reportDeployment(...args)),
    },
  };
  return (request) => handleWorkflowEvents(request, deps);
}) satisfies Deno.ServeDefaultExport;
