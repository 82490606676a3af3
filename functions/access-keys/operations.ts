import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";
import { accessKeySchema, newKeySchema, rotationSchema } from "./schema.ts";

const MAX_BYTES = 16 * 1024;

/** A key with its secret, which no later answer contains. */
const withSecret = accessKeySchema.extend({
  object: z.literal("access_key"),
  secret: z.string().describe("Shown once. Only its hash is stored."),
});

/** The operations of the function `access-keys`. */
export const operations = {
  create: {
    method: "POST",
    path: "/access-keys",
    summary: "Create an access key for a program",
    audience: "person",
    body: { schema: newKeySchema, maxBytes: MAX_BYTES },
    answers: { status: 201, schema: withSecret },
    errors: ["organization_not_found", "agent_not_found", "too_many_access_keys"],
  },
  rotate: {
    method: "POST",
    path: "/access-keys/{id}/rotate",
    summary: "Replace the secret of an access key",
    audience: "person",
    body: { schema: rotationSchema, maxBytes: MAX_BYTES, optional: true },
    answers: { status: 200, schema: withSecret },
    errors: ["access_key_not_found", "access_key_ended"],
  },
} satisfies Operations;
