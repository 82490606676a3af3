import { type AuthenticateCaller, callerFields } from "../_shared/auth/caller.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { readBody } from "../_shared/http/operation.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { WorkflowEventsDatabase } from "./db.ts";
import { operations } from "./operations.ts";

/** The outside of the workflow-events function. */
export interface WorkflowEventsDeps extends RespondDeps {
  authenticate: AuthenticateCaller;
  database: WorkflowEventsDatabase;
}

/** Answers the {@linkcode operations} of the function `workflow-events`. */
export function handleWorkflowEvents(
  request: Request,
  deps: WorkflowEventsDeps,
): Promise<Response> {
  const report = async (request: Request, context: RequestContext) => {
    const caller = await deps.authenticate(request);
    Object.assign(context.fields, callerFields(caller));
    const told = await readBody(request, operations.report.body);
    const recorded = await deps.database.report(caller, told);
    context.fields.execution = recorded.id;
    return Response.json(recorded);
  };
  return respond(request, "workflow-events", operations, { report }, deps);
}
