import { z } from "zod";
import { count, label } from "../_shared/http/sql_values.ts";

/** Times that arithmetic with intervals never overflows end here. */
const LATEST = Date.UTC(2200);

const time = z.iso.datetime({ offset: true })
  .refine((text) => {
    const at = Date.parse(text);
    return at >= 0 && at < LATEST;
  }, "expected a time from 1970 to 2199")
  .transform((text) => new Date(text).toISOString());

/** A name of a node, as `agent_thoughts` takes it. */
const node = label.max(100);

const thoughtSchema = z.strictObject({
  node_id: node,
  node_type: z.enum(["input", "processing", "action", "output"]),
  content: z.string().max(262_144),
  parent_node_id: node.nullish(),
  metadata: z.record(z.string(), z.json()).nullish(),
  confidence_score: z.number().min(0).max(1).nullish(),
  processing_time_ms: count.or(z.literal(0)).nullish(),
  created_at: time.nullish(),
});

/** The body of POST /workflow-events: what is known of one execution. */
export const reportSchema = z.strictObject({
  workflow_id: z.uuid(),
  // n8n's ids are numbers that it writes as text.
  execution_id: z.union([label, z.int().nonnegative().transform(String)]),
  status: z.enum(["new", "running", "waiting", "success", "error", "canceled", "crashed"])
    .nullish(),
  started_at: time.nullish(),
  completed_at: time.nullish(),
  input: z.json().nullish(),
  output: z.json().nullish(),
  error: z.json().nullish(),
  thoughts: z.array(thoughtSchema).max(500).nullish(),
});

/** What is known of one execution. */
export type Report = z.infer<typeof reportSchema>;

/** What was recorded. */
export const recordedSchema = z.object({
  id: z.uuid(),
  execution_id: z.string(),
  status: z.enum(["running", "waiting", "success", "error"]),
  thoughts_recorded: z.int(),
});

/** What was recorded. */
export type Recorded = z.infer<typeof recordedSchema>;
