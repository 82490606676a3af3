import { z } from "zod";

/** An agent to probe, with its endpoints. */
export const claimSchema = z.object({
  agent_id: z.uuid(),
  /** Whether the agent is the platform's own, called with the platform's credential. */
  is_platform: z.boolean(),
  vendor_id: z.string(),
  base_url: z.string(),
  api_format: z.string(),
  auth_type: z.string(),
  auth_header: z.string(),
  auth_scheme: z.string().nullable(),
  /** The field that limits the tokens of an answer. */
  max_tokens_field: z.string(),
  /** Null if only a call of the model shows whether it works. */
  probe_path: z.string().nullable(),
  service_id: z.string().nullable(),
  model: z.string().nullable(),
});

/** An agent to probe, with its endpoints. */
export type Claim = z.infer<typeof claimSchema>;
