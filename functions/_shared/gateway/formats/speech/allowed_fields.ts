import type { Shape } from "../../prepare/field_shape.ts";

/** What a vendor is sent of a request for speech with a credential that is not the caller's own. */
export const SPEECH_FIELDS = {
  input: "scalar",
  instructions: "scalar",
  response_format: "scalar",
  speed: "scalar",
  voice: "json",
} as const satisfies { readonly [field: string]: Shape };
