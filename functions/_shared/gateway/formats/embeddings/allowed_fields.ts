import type { Shape } from "../../prepare/field_shape.ts";

/** What a vendor is sent of a request for embeddings with a credential that is not the caller's own. */
export const EMBEDDING_FIELDS = {
  dimensions: "scalar",
  encoding_format: "scalar",
  input: "json",
  user: "scalar",
} as const satisfies { readonly [field: string]: Shape };
