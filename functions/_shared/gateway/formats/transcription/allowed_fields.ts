import type { Shape } from "../../prepare/field_shape.ts";

/**
 * The fields of a transcription request that are sent with a credential other than the caller's
 * own.
 */
export const TRANSCRIPTION_FIELDS = {
  file: "json",
  language: "scalar",
  prompt: "scalar",
  response_format: "scalar",
  temperature: "scalar",
  "timestamp_granularities[]": "json",
  timestamp_granularities: "json",
  "include[]": "json",
  chunking_strategy: "scalar",
  "chunking_strategy[type]": "scalar",
  "chunking_strategy[prefix_padding_ms]": "scalar",
  "chunking_strategy[silence_duration_ms]": "scalar",
  "chunking_strategy[threshold]": "scalar",
} as const satisfies { readonly [field: string]: Shape };
