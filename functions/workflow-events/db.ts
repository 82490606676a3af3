import { z } from "zod";
import { type Caller, callerArgument } from "../_shared/auth/caller.ts";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import {
  type Deployment,
  type DeploymentReport,
  deploymentSchema,
  type Recorded,
  recordedSchema,
  type Report,
  secretSchema,
  type SignatureSecret,
} from "./schema.ts";

/** The sender of a report: a caller, or a webhook whose secret signed it. */
export type Reporter = Caller | { webhook: string };

/** The subject of a report. */
export type ReportSubject = { workflow: string } | { deployment: string };

/** The database calls of the function. */
export interface WorkflowEventsDatabase {
  /** Records a report. Idempotent. */
  report(reporter: Reporter, report: Report): Promise<Recorded>;
  /** Records the report of a deployer. Idempotent. */
  reportDeployment(reporter: Reporter, report: DeploymentReport): Promise<Deployment>;
  /** The secrets that may sign a report about a subject; none for one that does not exist. */
  secrets(subject: ReportSubject): Promise<SignatureSecret[]>;
}

/** The calls. */
export function workflowEventsDatabase(call: SqlCaller): WorkflowEventsDatabase {
  return {
    report: (reporter, { workflow_id, ...report }) =>
      call("report_workflow", {
        caller: reporterArgument(reporter),
        workflow: workflow_id,
        report: asJson(report),
      }, recordedSchema),
    reportDeployment: (reporter, { deployment_id, ...report }) =>
      call("record_deployment_report", {
        caller: reporterArgument(reporter),
        deployment: deployment_id,
        report: asJson(report),
      }, deploymentSchema),
    secrets: (subject) => call("list_report_secrets", subject, z.array(secretSchema)),
  };
}

function reporterArgument(reporter: Reporter): Record<string, string | null> {
  return "webhook" in reporter ? reporter : callerArgument(reporter);
}
