import { type Caller, callerArgument } from "../_shared/auth/caller.ts";
import { asJson } from "../_shared/database/client.ts";
import type { SqlCaller } from "../_shared/database/sql_caller.ts";
import { type Recorded, recordedSchema, type Report } from "./schema.ts";

/** The database calls of the function. */
export interface WorkflowEventsDatabase {
  /** Records a report; the same one again changes nothing. */
  report(caller: Caller, report: Report): Promise<Recorded>;
}

/** The calls. */
export function workflowEventsDatabase(call: SqlCaller): WorkflowEventsDatabase {
  return {
    report: (caller, { workflow_id, ...report }) =>
      call("report_workflow", {
        caller: callerArgument(caller),
        workflow: workflow_id,
        report: asJson(report),
      }, recordedSchema),
  };
}
