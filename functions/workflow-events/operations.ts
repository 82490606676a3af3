import type { Operations } from "../_shared/http/operation.ts";
import {
  deploymentReportSchema,
  deploymentSchema,
  recordedSchema,
  reportSchema,
} from "./schema.ts";

/** The operations of the function `workflow-events`. */
export const operations = {
  report: {
    method: "POST",
    path: "/workflow-events",
    summary: "Report what an execution of a workflow does: its start, progress, thoughts and end",
    audience: "caller",
    body: { schema: reportSchema, maxBytes: 4 * 1024 * 1024 },
    answers: { status: 200, schema: recordedSchema },
    errors: [
      "workflow_not_found",
      "thought_cycle",
      "thoughts_too_deep",
      "rate_limit_exceeded",
      "invalid_signature",
      "signature_expired",
      "too_many_invalid_signatures",
      "keys_not_configured",
    ],
  },
  reportDeployment: {
    method: "POST",
    path: "/workflow-events/deployments",
    summary: "Report the progress and the end of a deployment",
    audience: "caller",
    body: { schema: deploymentReportSchema, maxBytes: 64 * 1024 },
    answers: { status: 200, schema: deploymentSchema },
    errors: [
      "deployment_not_found",
      "deployment_transition_refused",
      "invalid_signature",
      "signature_expired",
      "too_many_invalid_signatures",
      "keys_not_configured",
    ],
  },
} satisfies Operations;
