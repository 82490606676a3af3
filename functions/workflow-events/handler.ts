import type { AuthenticateCaller } from "../_shared/auth/caller.ts";
import { identifyCaller } from "../_shared/auth/identify_caller.ts";
import type { RequestContext } from "../_shared/http/context.ts";
import { readBody, type RequestBody } from "../_shared/http/operation.ts";
import { readText } from "../_shared/http/read_json.ts";
import { respond, type RespondDeps } from "../_shared/http/respond.ts";
import type { Reporter, ReportSubject, WorkflowEventsDatabase } from "./db.ts";
import { operations } from "./operations.ts";
import { checkSignatureHeaders, isSigned, type SignatureDeps, signerOf } from "./signature.ts";

/** The dependencies of the workflow-events function. */
export interface WorkflowEventsDeps extends RespondDeps, SignatureDeps {
  authenticate: AuthenticateCaller;
  database: WorkflowEventsDatabase;
}

/** Answers the {@linkcode operations} of the function `workflow-events`. */
export function handleWorkflowEvents(
  request: Request,
  deps: WorkflowEventsDeps,
): Promise<Response> {
  /**
   * The sender and content of a report. Without a signature the caller is identified before the
   * body is read.
   */
  async function read<Body>(
    request: Request,
    context: RequestContext,
    expected: RequestBody<Body>,
    subjectOf: (body: Body) => ReportSubject,
  ): Promise<[Reporter, Body]> {
    if (!isSigned(request)) {
      const caller = await identifyCaller(request, context, deps);
      return [caller, await readBody(request, expected)];
    }
    checkSignatureHeaders(request, deps);
    const text = await readText(request, expected.maxBytes);
    const copy = new Request(request.url, { method: "POST", body: text });
    const body = await readBody(copy, expected);
    const webhook = await signerOf(request, text, subjectOf(body), deps);
    context.fields.webhook_endpoint_id = webhook;
    return [{ webhook }, body];
  }

  const report = async (request: Request, context: RequestContext) => {
    const [reporter, sent] = await read(
      request,
      context,
      operations.report.body,
      ({ workflow_id }) => ({ workflow: workflow_id }),
    );
    const recorded = await deps.database.report(reporter, sent);
    context.fields.execution = recorded.id;
    return Response.json(recorded);
  };

  const reportDeployment = async (request: Request, context: RequestContext) => {
    const [reporter, sent] = await read(
      request,
      context,
      operations.reportDeployment.body,
      ({ deployment_id }) => ({ deployment: deployment_id }),
    );
    return Response.json(await deps.database.reportDeployment(reporter, sent));
  };

  return respond(request, "workflow-events", operations, { report, reportDeployment }, deps);
}
