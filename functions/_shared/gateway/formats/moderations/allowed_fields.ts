import type { Shape } from "../../prepare/field_shape.ts";

/**
 * The fields of a moderation request that are sent with a credential other than the caller's own.
 */
export const MODERATION_FIELDS = {
  input: "json",
} as const satisfies { readonly [field: string]: Shape };
