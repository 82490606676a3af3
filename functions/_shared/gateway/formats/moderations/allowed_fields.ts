import type { Shape } from "../../prepare/billable_fields.ts";

/** What a vendor is sent of a request for moderation with a credential that is not the caller's own. */
export const MODERATION_FIELDS = {
  input: "json",
} as const satisfies { readonly [field: string]: Shape };
