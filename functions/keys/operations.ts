import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";
import {
  changeSchema,
  createSchema,
  replaceSchema,
  rotatedSchema,
  rotateSchema,
  visibleKeySchema,
} from "./schema.ts";

/** Room for the longest key and its description. */
const MAX_BYTES = 16 * 1024;

/** Errors of a body that carries a key. */
const REFUSED = [
  "invalid_key_format",
  "invalid_key_settings",
  "vendor_key_rejected",
  "key_cannot_be_tried",
] as const;

/** The operations of the function `keys`. */
export const operations = {
  create: {
    method: "POST",
    path: "/keys",
    summary: "Store your own vendor key",
    audience: "person",
    body: { schema: createSchema, maxBytes: MAX_BYTES },
    answers: { status: 201, schema: visibleKeySchema },
    errors: ["vendor_not_found", "service_not_found", "key_exists", "too_many_keys", ...REFUSED],
  },
  rotate: {
    method: "POST",
    path: "/keys/rotate",
    summary: "Encrypt a batch of stored values with the active encryption key",
    audience: "operator",
    body: { schema: rotateSchema, maxBytes: MAX_BYTES },
    answers: { status: 200, schema: rotatedSchema },
    errors: [],
  },
  show: {
    method: "POST",
    path: "/keys/{id}/decrypt",
    summary: "Reveal your own vendor key in plain text",
    audience: "person",
    answers: { status: 200, schema: z.object({ id: z.uuid(), key: z.string() }) },
    errors: ["key_not_found", "undecryptable"],
  },
  tryStored: {
    method: "POST",
    path: "/keys/{id}/try",
    summary: "Ask the vendor whether your own vendor key works",
    audience: "person",
    answers: {
      status: 200,
      schema: z.object({
        id: z.uuid(),
        works: z.boolean().nullable(),
        problem: z.string().nullable(),
      }),
    },
    errors: ["key_not_found", "undecryptable", "vendor_not_in_use", "vendor_unavailable"],
  },
  change: {
    method: "PATCH",
    path: "/keys/{id}",
    summary: "Rename, share or disable your own vendor key",
    audience: "person",
    body: { schema: changeSchema, maxBytes: MAX_BYTES },
    answers: { status: 200, schema: visibleKeySchema },
    errors: ["key_not_found", "key_not_yours_to_share", "key_not_yours_to_switch_on"],
  },
  replace: {
    method: "PUT",
    path: "/keys/{id}",
    summary: "Replace the secret of your own vendor key",
    audience: "person",
    body: { schema: replaceSchema, maxBytes: MAX_BYTES },
    answers: { status: 200, schema: visibleKeySchema },
    errors: ["key_not_found", "key_exists", "vendor_not_in_use", ...REFUSED],
  },
  remove: {
    method: "DELETE",
    path: "/keys/{id}",
    summary: "Delete your own vendor key",
    audience: "person",
    answers: { status: 204, schema: null },
    errors: ["key_not_found"],
  },
} satisfies Operations;
