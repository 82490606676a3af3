import { z } from "zod";
import { count, label, webAddress } from "../_shared/http/sql_values.ts";

/** Later times could overflow in arithmetic with intervals. */
const LATEST = Date.UTC(2200);

const time = z.iso.datetime({ offset: true })
  .refine((text) => {
    const at = Date.parse(text);
    return at >= 0 && at < LATEST;
  }, "expected a time from 1970 to 2199")
  .transform((text) => new Date(text).toISOString());

/** The name of a node, as `agent_thoughts` accepts it. */
const node = label.max(100);

const thoughtSchema = z.strictObject({
  node_id: node,
  node_type: z.enum(["input", "processing", "action", "output"]),
  content: z.string().max(262_144),
  parent_node_id: node.nullish(),
  metadata: z.record(z.string(), z.json()).nullish(),
  confidence_score: z.number().min(0).max(1).nullish(),
  processing_time_ms: count.or(z.literal(0)).nullish(),
  request_id: label.nullish()
    .describe("The x-request-id of the chat turn that the node stands for."),
  created_at: time.nullish(),
});

/** The body of POST /workflow-events: the report of one execution. */
export const reportSchema = z.strictObject({
  workflow_id: z.uuid(),
  // n8n's ids are numbers that it writes as text.
  execution_id: z.union([label, z.int().nonnegative().transform(String)]),
  run_id: z.uuid().nullish()
    .describe("The run that the platform started, as its call of the webhook names it."),
  status: z.enum(["new", "running", "waiting", "success", "error", "canceled", "crashed"])
    .nullish(),
  started_at: time.nullish(),
  completed_at: time.nullish(),
  input: z.json().nullish(),
  output: z.json().nullish(),
  error: z.json().nullish(),
  thoughts: z.array(thoughtSchema).max(500).nullish(),
});

/** The report of one execution. */
export type Report = z.infer<typeof reportSchema>;

/** The result of recording a report. */
export const recordedSchema = z.object({
  id: z.uuid(),
  execution_id: z.string(),
  status: z.enum(["running", "waiting", "success", "error"]),
  thoughts_recorded: z.int(),
});

/** The result of recording a report. */
export type Recorded = z.infer<typeof recordedSchema>;

/** The body of POST /workflow-events/deployments: the report of a deployment. */
export const deploymentReportSchema = z.strictObject({
  deployment_id: z.uuid(),
  status: z.enum(["deploying", "deployed", "failed", "stopped"]).nullish(),
  deployment_url: webAddress.nullish(),
  error_message: z.string().max(4096).nullish(),
  progress_percent: z.int().min(0).max(100).nullish(),
  progress_message: z.string().max(4096).nullish(),
});

/** The report of a deployment. */
export type DeploymentReport = z.infer<typeof deploymentReportSchema>;

/** A deployment, as recorded. */
export const deploymentSchema = z.object({
  id: z.uuid(),
  version: z.int(),
  status: z.enum(["pending", "deploying", "deployed", "failed", "stopped"]),
  progress_percent: z.int().nullable(),
});

/** A deployment, as recorded. */
export type Deployment = z.infer<typeof deploymentSchema>;

/** A secret that may sign a report. */
export const secretSchema = z.object({
  id: z.uuid(),
  endpoint_id: z.uuid(),
  ciphertext: z.string(),
});

/** A secret that may sign a report. */
export type SignatureSecret = z.infer<typeof secretSchema>;
