import { z } from "zod";

/** The body of POST /agent-configs. */
export const configRequestSchema = z.strictObject({
  agent_id: z.uuid(),
  config_key: z.string().min(1).max(255),
  config_value: z.json(),
  config_type: z.string().min(1).max(255).nullish(),
  description: z.string().max(4096).nullish(),
});

/** A value to encrypt, with what describes it. */
export type ConfigRequest = z.infer<typeof configRequestSchema>;

/** An encrypted value as it is shown: without itself. */
export const configSchema = z.looseObject({
  id: z.uuid(),
  agent_id: z.uuid(),
  config_key: z.string(),
  config_type: z.string(),
  description: z.string().nullable(),
});

/** An encrypted value as it is shown: without itself. */
export type Config = z.infer<typeof configSchema>;
