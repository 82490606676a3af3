import type { Shape } from "../../prepare/field_shape.ts";

/** What a vendor is sent of a request for moderation with a credential that is not the caller's own. */
export const MODERATION_FIELDS = {
  input: "json",
} as const satisfies { readonly [field: string]: Shape };
