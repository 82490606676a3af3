import { z } from "zod";
import { objectIn } from "./blocks.ts";
import { finishReasonOf } from "./stop_reasons.ts";

/*
 * Converts the fields of Anthropic's answers other than their content to OpenAI's chat format, for
 * streamed answers and others.
 */

/** The status that each of Anthropic's errors would have had before the answer began. */
const STATUSES: ReadonlyMap<unknown, number> = new Map([
  ["invalid_request_error", 400],
  ["authentication_error", 401],
  ["billing_error", 402],
  ["permission_error", 403],
  ["not_found_error", 404],
  ["request_too_large", 413],
  ["rate_limit_error", 429],
  ["api_error", 500],
  ["timeout_error", 504],
  ["overloaded_error", 529],
]);

/** The error of an answer, with a status derived from its `type`. */
export function errorIn(json: object): object {
  const error = objectIn(json, "error");
  return { ...error, code: STATUSES.get(error.type) ?? 500 };
}

/** The reason for the end of an answer, in both formats. */
export function endOf(
  { stop_reason, stop_sequence, stop_details }: Record<string, unknown>,
): object {
  return {
    finish_reason: finishReasonOf(stop_reason),
    anthropic: { stop_reason, stop_sequence, stop_details },
  };
}

const count = z.int().nonnegative().nullish().catch(0).transform((value) => value ?? 0);

const usageSchema = z.looseObject({
  input_tokens: z.int().nonnegative(),
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  cache_creation: z.looseObject({}).nullish().catch(null),
  output_tokens_details: z.looseObject({ thinking_tokens: count }).nullish().catch(null)
    .transform((details) => ({ thinking_tokens: details?.thinking_tokens ?? 0 })),
});

/** Converts usage to OpenAI's format, in which input tokens include cached ones. */
export function chatUsage(usage: unknown): unknown {
  const parsed = usageSchema.safeParse(usage);
  if (!parsed.success) return usage;
  const { input_tokens, output_tokens, ...rest } = parsed.data;
  const { cache_read_input_tokens: cached_tokens, cache_creation_input_tokens: written } = rest;
  const prompt_tokens = input_tokens + cached_tokens + written;
  return {
    prompt_tokens,
    completion_tokens: output_tokens,
    total_tokens: prompt_tokens + output_tokens,
    prompt_tokens_details: { cached_tokens, cache_write_tokens: written },
    completion_tokens_details: { reasoning_tokens: rest.output_tokens_details.thinking_tokens },
    ...rest.cache_creation && { cache_creation: rest.cache_creation },
    ...typeof rest.service_tier === "string" && { service_tier: rest.service_tier },
  };
}
