import { createAccessKeyGuard } from "../_shared/auth/access_key_guard.ts";
import { acceptAccessKeys } from "../_shared/auth/caller.ts";
import { createFunctionDeps } from "../_shared/database/function_deps.ts";
import { defineFunction } from "../_shared/http/serve.ts";
import { workflowEventsDatabase } from "./db.ts";
import { handleWorkflowEvents } from "./handler.ts";

export default defineFunction("workflow-events", (env) => {
  const { call, ...outside } = createFunctionDeps(env);
  const database = workflowEventsDatabase(call);
  const guard = createAccessKeyGuard({ now: Date.now });
  const deps = {
    ...outside,
    authenticate: acceptAccessKeys(outside.authenticate, env),
    database: {
      report: (...told: Parameters<typeof database.report>) =>
        guard.ask(told[0], () => database.report(...told)),
    },
  };
  return (request) => handleWorkflowEvents(request, deps);
}) satisfies Deno.ServeDefaultExport;
