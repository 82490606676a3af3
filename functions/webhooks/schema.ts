import { z } from "zod";
import { label } from "../_shared/http/sql_values.ts";

const url = z.string().max(2048);
const day = 24 * 60 * 60;

/** The body of POST /webhooks. */
export const newWebhookSchema = z.strictObject({
  organization_id: z.uuid(),
  name: label,
  url,
  kind: z.enum(["webhook", "slack"]).default("webhook"),
});

/** The body of PATCH /webhooks/{id}. */
export const urlChangeSchema = z.strictObject({ url });

/** The body of POST /webhooks/{id}/rotate. */
export const rotationSchema = z.strictObject({
  grace_seconds: z.int().min(0).max(7 * day).default(day)
    .describe("Seconds for which the secret that is replaced still signs beside the new one."),
});

/** A row of `webhook_endpoints`, without the address. */
export const webhookSchema = z.looseObject({
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  kind: z.enum(["webhook", "slack"]),
  url_preview: z.string(),
  is_active: z.boolean(),
});

/** A row of `webhook_endpoints`, without the address. */
export type Webhook = z.infer<typeof webhookSchema>;

/** The scheduler's run id, for the log only. */
export const roundSchema = z.looseObject({
  run_id: z.uuid().nullish(),
  scheduled_at: z.iso.datetime({ offset: true }).nullish(),
});

/** A claimed delivery. */
export const claimSchema = z.object({
  id: z.uuid(),
  attempt: z.int(),
  endpoint_id: z.uuid(),
  organization_id: z.uuid(),
  encrypted_url: z.string(),
  secrets: z.array(z.object({ id: z.uuid(), ciphertext: z.string() })),
  body: z.string(),
});

/** A claimed delivery. */
export type Claim = z.infer<typeof claimSchema>;

/** The outcome of an attempt: an argument of `record_webhook_delivery`. */
export interface Outcome {
  /** HTTP status of the answer; null for none. */
  status_code: number | null;
  /** Why it failed, in a sentence that quotes nothing of the answer; null for a success. */
  error: string | null;
  /** The receiver's Retry-After; null for none. */
  retry_after_ms: number | null;
}
