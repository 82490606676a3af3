import { z } from "zod";
import { label } from "../_shared/http/sql_values.ts";

/** Bytes that a value may have as JSON, so that its ciphertext fits into the column. */
const LARGEST_VALUE = 131_072;

/** The body of POST /agent-configs. */
export const configRequestSchema = z.strictObject({
  agent_id: z.uuid(),
  config_key: label,
  config_value: z.json().refine(
    (value) => new TextEncoder().encode(JSON.stringify(value)).length <= LARGEST_VALUE,
    "it is larger than 128 KiB",
  ),
  config_type: label.nullish(),
  description: z.string().max(4096).nullish(),
});

/** A value to encrypt, with its description. */
export type ConfigRequest = z.infer<typeof configRequestSchema>;

/** The description of an encrypted value, without the value. */
export const configSchema = z.looseObject({
  id: z.uuid(),
  agent_id: z.uuid(),
  config_key: z.string(),
  config_type: z.string(),
  description: z.string().nullable(),
});

/** The description of an encrypted value, without the value. */
export type Config = z.infer<typeof configSchema>;
