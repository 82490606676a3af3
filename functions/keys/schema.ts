import { z } from "zod";
import { label } from "../_shared/http/sql_values.ts";

/** The secret itself, in the vendor's format. */
const secret = z.string().min(1, "expected a key").max(65_536);

/** Values for the placeholders in the vendor's URL, such as `{"resource": "my-company"}`. */
const settings = z.record(z.string().max(63), z.string().max(63));

/** The body of POST /keys. */
export const createSchema = z.strictObject({
  vendor_id: z.string().min(1).max(63),
  service_id: z.string().min(1).max(127).nullish(),
  key: secret,
  display_name: label.nullish(),
  organization_id: z.uuid().nullish(),
  settings: settings.default({}),
  try: z.boolean().default(false),
});

/** The body of PUT /keys/{id}. */
export const replaceSchema = z.strictObject({
  key: secret,
  /** Absent to keep those of the stored key. */
  settings: settings.optional(),
  try: z.boolean().default(false),
});

/** The body of PATCH /keys/{id}. */
export const changeSchema = z.strictObject({
  display_name: label.nullable().optional(),
  is_active: z.boolean().optional(),
  organization_id: z.uuid().nullable().optional(),
}).refine((changes) => Object.keys(changes).length > 0, "expected something to change");

const place = z.strictObject({ table: z.string(), column: z.string(), row: z.string() });

/** The body of POST /keys/rotate. */
export const rotateSchema = z.strictObject({
  batch: z.int().min(1).max(1000).default(500),
  after: place.nullish(),
});

/** The position of a value. */
const encryptedPlaceSchema = z.object({ table: z.string(), column: z.string(), row: z.string() });

/** The progress of a rotation after one request. */
export const rotatedSchema = z.object({
  active_key: z.string().describe("The key that everything is to be encrypted with."),
  rotated: z.int().describe("Values that were re-encrypted."),
  passed_over: z.int().describe("Values that changed during the rotation and were skipped."),
  undecryptable: z.array(encryptedPlaceSchema)
    .describe("Values that no configured key can decrypt. They stay as they are."),
  remaining: z.array(
    z.object({ table: z.string(), column: z.string(), key_id: z.string(), amount: z.int() }),
  ).nullable()
    .describe("Values under each other key, at the beginning and the end of a round; else null."),
  next: encryptedPlaceSchema.nullable()
    .describe("Where the next request goes on; null at the end of a round."),
});

/** The format of a vendor's keys, and how a key is tried. */
export const rulesSchema = z.object({
  vendor_id: z.string(),
  name: z.string(),
  key_pattern: z.string().nullable(),
  base_url: z.string().nullable(),
  api_format: z.string().optional(),
  probe_path: z.string().nullable(),
  auth_header: z.string(),
  auth_scheme: z.string().nullable(),
});

/** A key as its owner sees it. */
export const visibleKeySchema = z.strictObject({
  id: z.uuid(),
  vendor_id: z.string(),
  service_id: z.string().nullable(),
  organization_id: z.string().nullable(),
  display_name: z.string().nullable(),
  settings,
  key_preview: z.string(),
  is_active: z.boolean(),
  last_used_at: z.string().nullable(),
  last_error: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
});

/** A key that was decrypted for its owner. */
export const openedKeySchema = z.object({
  id: z.uuid(),
  user_id: z.uuid(),
  vendor_id: z.string(),
  encrypted_key: z.string(),
  settings,
  rules: rulesSchema.nullable(),
});

/** The key to be replaced. */
export const keyToReplaceSchema = z.object({
  id: z.uuid(),
  settings,
  rules: rulesSchema.nullable(),
});

/** The format of a vendor's keys. */
export type KeyRules = z.infer<typeof rulesSchema>;

/** A key as its owner sees it. */
export type VisibleKey = z.infer<typeof visibleKeySchema>;

/** A key that was decrypted for its owner. */
export type OpenedKey = z.infer<typeof openedKeySchema>;

/** The changes that a person may make to a key. */
export type KeyChanges = z.infer<typeof changeSchema>;

/** The size of a batch of a rotation, and where it continues. */
export type RotateRequest = z.infer<typeof rotateSchema>;
