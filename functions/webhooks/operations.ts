import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";
import {
  newWebhookSchema,
  rotationSchema,
  roundSchema,
  urlChangeSchema,
  webhookSchema,
} from "./schema.ts";

const MAX_BYTES = 16 * 1024;

/** An endpoint with its secret, which no later answer contains. */
const withSecret = webhookSchema.extend({
  object: z.literal("webhook"),
  secret: z.string().nullable().describe("Shown once. Null for Slack, whose calls are not signed."),
});

/** The result of a round of deliveries. */
const deliveredSchema = z.object({
  run_id: z.uuid().nullable(),
  delivered: z.int(),
  failed: z.int().describe("Attempts that failed; most are repeated later."),
});

/** The operations of the function `webhooks`. */
export const operations = {
  create: {
    method: "POST",
    path: "/webhooks",
    summary: "Create a webhook, which the platform calls for workflows, deployments, notifications",
    audience: "person",
    body: { schema: newWebhookSchema, maxBytes: MAX_BYTES },
    answers: { status: 201, schema: withSecret },
    errors: ["organization_not_found", "too_many_webhooks", "webhook_url_refused"],
  },
  change: {
    method: "PATCH",
    path: "/webhooks/{id}",
    summary: "Change the address of a webhook",
    audience: "person",
    body: { schema: urlChangeSchema, maxBytes: MAX_BYTES },
    answers: { status: 200, schema: webhookSchema.extend({ object: z.literal("webhook") }) },
    errors: ["webhook_not_found", "webhook_url_refused"],
  },
  rotate: {
    method: "POST",
    path: "/webhooks/{id}/rotate",
    summary: "Replace the secret that signs the calls of a webhook",
    audience: "person",
    body: { schema: rotationSchema, maxBytes: MAX_BYTES, optional: true },
    answers: { status: 200, schema: withSecret },
    errors: ["webhook_not_found"],
  },
  deliver: {
    method: "POST",
    path: "/webhooks/deliver",
    summary: "Send the deliveries that are due",
    audience: "operator",
    body: { schema: roundSchema, maxBytes: MAX_BYTES, optional: true },
    answers: { status: 200, schema: deliveredSchema },
    errors: [],
  },
} satisfies Operations;
