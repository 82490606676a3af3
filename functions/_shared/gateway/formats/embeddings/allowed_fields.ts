import type { Shape } from "../../prepare/billable_fields.ts";

/** What a vendor is sent of a request for embeddings with a credential that is not the caller's own. */
export const EMBEDDING_FIELDS = {
  dimensions: true,
  encoding_format: true,
  input: true,
  user: true,
} as const satisfies { readonly [field: string]: Shape };
