import type { Shape } from "../../prepare/field_shape.ts";

/** The fields of a speech request that are sent with a credential other than the caller's own. */
export const SPEECH_FIELDS = {
  input: "scalar",
  instructions: "scalar",
  response_format: "scalar",
  speed: "scalar",
  voice: "json",
} as const satisfies { readonly [field: string]: Shape };
