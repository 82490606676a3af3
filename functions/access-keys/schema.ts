import { z } from "zod";
import { ACCESS_KEY_SCOPES } from "../_shared/core/access_key_scopes.ts";
import { label } from "../_shared/http/sql_values.ts";

/** Later times could overflow in arithmetic with intervals and time zones. */
const LATEST = Date.UTC(2200);

/** A budget's smallest amount: costs are kept to ten decimals. */
const SMALLEST = 1e-10;

const dollars = z.union([
  // Without an exponent, which String() writes for small numbers.
  z.number().min(SMALLEST).max(1e9)
    .transform((amount) => amount < 1e-6 ? amount.toFixed(10) : String(amount)),
  z.string().regex(/^\d{1,9}(\.\d{1,10})?$/, "expected US dollars, such as 12.50")
    .refine((amount) => Number(amount) > 0, "expected more than 0"),
]);

/** The body of POST /access-keys. */
export const newKeySchema = z.strictObject({
  name: label,
  organization_id: z.uuid().nullish(),
  scopes: z.array(z.enum(ACCESS_KEY_SCOPES)).min(1).max(ACCESS_KEY_SCOPES.length).nullish(),
  agent_ids: z.array(z.uuid()).min(1).max(100).nullish(),
  requests_per_minute: z.int().positive().max(1e6).nullish(),
  expires_at: z.iso.datetime({ offset: true })
    .refine((time) => Date.parse(time) < LATEST, "expected a time before the year 2200")
    // Postgres does not accept offsets of 16 hours and more.
    .transform((time) => new Date(time).toISOString()).nullish(),
  budget: z.strictObject({ limit_usd: dollars, period: z.enum(["day", "month", "total"]) })
    .nullish(),
});

const day = 24 * 60 * 60;

/** The body of POST /access-keys/{id}/rotate. */
export const rotationSchema = z.strictObject({
  /** Seconds for which the old secret still works. */
  grace_seconds: z.int().min(0).max(30 * day).default(day),
});

/** The settings of a new access key. */
export type NewKey = z.infer<typeof newKeySchema>;

/** The settings of a rotation. */
export type Rotation = z.infer<typeof rotationSchema>;

/** A row of `access_keys`. */
export const accessKeySchema = z.object({
  id: z.uuid(),
  organization_id: z.uuid(),
  name: z.string(),
  prefix: z.string(),
  last_four: z.string(),
  scopes: z.array(z.string()),
  agent_ids: z.array(z.string()).nullable(),
  requests_per_minute: z.int().nullable(),
  expires_at: z.string().nullable(),
  rotated_at: z.string().nullable(),
  created_at: z.string(),
});

/** A row of `access_keys`. */
export type AccessKey = z.infer<typeof accessKeySchema>;
