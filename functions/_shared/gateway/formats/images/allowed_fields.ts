import type { Shape } from "../../prepare/field_shape.ts";

/** The fields of an image request that are sent with a credential other than the caller's own. */
export const IMAGE_FIELDS = {
  background: "scalar",
  moderation: "scalar",
  n: "scalar",
  output_compression: "scalar",
  output_format: "scalar",
  partial_images: "scalar",
  prompt: "scalar",
  quality: "scalar",
  response_format: "scalar",
  size: "scalar",
  stream: "scalar",
  style: "scalar",
  user: "scalar",
} as const satisfies { readonly [field: string]: Shape };
