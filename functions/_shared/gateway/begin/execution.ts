import { z } from "zod";
import { invalidField } from "../../http/parse_body.ts";
import { label } from "../../http/sql_values.ts";

/**
 * The execution of a workflow that a request names, and the position of its turn in the tree of
 * thoughts.
 */
export interface NamedExecution {
  /** The workflow whose id in n8n `id` is; null where `id` is that of the table. */
  workflow_id: string | null;
  id: string;
  /** The node below which the turn's is; null for none. */
  parent_node_id: string | null;
}

const uuid = z.uuid();
const nodeId = label.max(100);

/** The headers that name an execution. */
export const EXECUTION_HEADERS = ["x-execution-id", "x-workflow-id", "x-parent-node-id"] as const;

/**
 * The execution that a request names in its header `x-execution-id`, beside `x-workflow-id` by its
 * id in n8n, with the parent of the turn's node in `x-parent-node-id`; null for none.
 *
 * @throws {ApiError} 400 for values that are not ids.
 */
export function namedExecution(headers: Headers): NamedExecution | null {
  const workflow_id = read(headers, "x-workflow-id", uuid);
  const parent_node_id = read(headers, "x-parent-node-id", nodeId);
  const id = read(headers, "x-execution-id", workflow_id === null ? uuid : label);
  if (id !== null) return { workflow_id, id, parent_node_id };
  const alone = workflow_id === null ? "x-parent-node-id" : "x-workflow-id";
  if (workflow_id ?? parent_node_id) {
    throw invalidField(alone, "invalid_value", "x-execution-id is missing beside it");
  }
  return null;
}

function read(headers: Headers, name: string, schema: z.ZodType<string>): string | null {
  const value = headers.get(name);
  if (!value) return null;
  const { data, error } = schema.safeParse(value);
  // SAFETY: a failed parse has at least one issue.
  if (error) throw invalidField(name, "invalid_value", error.issues[0]!.message);
  return data;
}
