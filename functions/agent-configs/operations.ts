import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";
import { configRequestSchema, configSchema } from "./schema.ts";

/** The operations of the function `agent-configs`. */
export const operations = {
  store: {
    method: "POST",
    path: "/agent-configs",
    summary: "Store an encrypted value in an agent's configuration",
    audience: "person",
    body: { schema: configRequestSchema, maxBytes: 64 * 1024 },
    answers: { status: 201, schema: configSchema },
    errors: ["agent_not_found", "agent_not_editable"],
  },
  list: {
    method: "GET",
    path: "/agent-configs/{agent_id}",
    summary: "List the encrypted values of an agent, without the values",
    audience: "person",
    answers: {
      status: 200,
      schema: z.object({ object: z.literal("list"), data: z.array(configSchema) }),
    },
    errors: ["agent_not_found", "agent_not_editable"],
  },
  remove: {
    method: "DELETE",
    path: "/agent-configs/{id}",
    summary: "Delete an encrypted value",
    audience: "person",
    answers: { status: 200, schema: z.object({ id: z.uuid(), deleted: z.literal(true) }) },
    errors: ["agent_config_not_found"],
  },
} satisfies Operations;
