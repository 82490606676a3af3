import { z } from "zod";
import { asJson } from "../_shared/database/client.ts";
import { NOTHING, type SqlCaller } from "../_shared/database/sql_caller.ts";
import { type Claim, claimSchema, type Outcome, type Webhook, webhookSchema } from "./schema.ts";

/** A secret to be stored. */
export interface SealedSecret {
  id: string;
  ciphertext: string;
  /** Seconds for which the previous secret still signs. */
  grace_seconds?: number;
}

/** An endpoint to be stored. */
export interface SealedWebhook {
  id: string;
  organization_id: string;
  name: string;
  kind: "webhook" | "slack";
  url_preview: string;
  encrypted_url: string;
  secret: SealedSecret | null;
}

/** The changes of an endpoint. */
export interface WebhookChange {
  encrypted_url?: string;
  url_preview?: string;
  secret?: SealedSecret;
}

/** The database calls of the function. */
export interface WebhooksDatabase {
  create(userId: string, webhook: SealedWebhook): Promise<Webhook>;
  /** Refuses a user who may not manage the endpoint. */
  change(userId: string, id: string, change: WebhookChange): Promise<Webhook>;
  /** Claims deliveries that are due. */
  claim(batch: number): Promise<Claim[]>;
  /** Records the outcome of one. */
  record(claim: Claim, outcome: Outcome): Promise<void>;
}

/** The calls. */
export function webhooksDatabase(call: SqlCaller): WebhooksDatabase {
  return {
    create: (userId, webhook) =>
      call("create_webhook", {
        caller: { user_id: userId },
        request: asJson(webhook),
      }, webhookSchema),
    change: (userId, id, change) =>
      call("change_webhook", {
        caller: { user_id: userId },
        request: asJson({ id, ...change }),
      }, webhookSchema),
    claim: (batch) => call("claim_webhook_deliveries", { batch }, z.array(claimSchema)),
    record: ({ id, attempt }, outcome) =>
      call(
        "record_webhook_delivery",
        { delivery: id, attempt, outcome: asJson(outcome) },
        NOTHING,
      ),
  };
}
