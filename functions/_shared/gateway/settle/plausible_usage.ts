import { Upload } from "../../http/upload.ts";
import { sizeOf } from "../token_estimate.ts";
import type { Route } from "../turn_database.ts";
import type { TurnUsage } from "./outcome.ts";

/**
 * The factor by which a vendor's count may exceed the usage that the size and limit of a call
 * allow.
 */
const FACTOR = 10;

/** Tokens that are always plausible: vendors add instructions, and models reason. */
const LEAST = 4096;

/**
 * The plausible part of the usage that a vendor reports, if someone else pays for it: at most the
 * context window, ten tokens for each byte of the body, and ten times the limit of the answer. A
 * reduced usage is marked as an estimate.
 *
 * @param sent The body of the call.
 */
export function plausibleUsage(usage: TurnUsage, route: Route, sent: object): TurnUsage {
  const { input_tokens, output_tokens } = usage;
  // The window applies to each embedded text.
  const window = "messages" in sent ? route.context_window ?? Infinity : Infinity;
  const limit: unknown = Reflect.get(sent, route.max_tokens_field);
  const longest = typeof limit === "number" ? limit : route.max_output_tokens ?? 128 * 1024;
  // Measuring the prompt reads all of it.
  const bytes = input_tokens > FACTOR * LEAST ? sizeOf(sent).bytes + uploadedBytes(sent) : 0;
  const input = Math.min(input_tokens, window, FACTOR * Math.max(bytes, LEAST));
  const output = Math.min(output_tokens, window, FACTOR * Math.max(longest, LEAST));
  if (route.credential === "own" || (input === input_tokens && output === output_tokens)) {
    return usage;
  }
  const writtenForAnHour = Math.min(usage.cache_write_1h_tokens ?? 0, input);
  return {
    ...writtenForAnHour > 0 && { cache_write_1h_tokens: writtenForAnHour },
    ...usage.service_tier && { service_tier: usage.service_tier },
    ...usage.units && { units: usage.units },
    input_tokens: input,
    output_tokens: output,
    cached_input_tokens: Math.min(usage.cached_input_tokens, input),
    cache_write_tokens: Math.min(usage.cache_write_tokens, input),
    reasoning_tokens: Math.min(usage.reasoning_tokens, output),
    estimated: true,
  };
}

/** The bytes of files, which {@linkcode sizeOf} does not see. */
function uploadedBytes(sent: object): number {
  return Object.values(sent).reduce(
    (sum, value) => value instanceof Upload ? sum + value.bytes.length : sum,
    0,
  );
}
