import type { Shape } from "../../prepare/field_shape.ts";

/**
 * The fields of an embeddings request that are sent with a credential other than the caller's own.
 */
export const EMBEDDING_FIELDS = {
  dimensions: "scalar",
  encoding_format: "scalar",
  input: "json",
  user: "scalar",
} as const satisfies { readonly [field: string]: Shape };
