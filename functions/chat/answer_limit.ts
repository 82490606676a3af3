import type { Route, Turn } from "../_shared/turn/database.ts";
import type { ChatBody } from "./schema.ts";

/** Tokens that the caller allows an answer. The two fields mean one thing. */
export function askedLimit({ max_tokens, max_completion_tokens }: ChatBody): number | null {
  return max_completion_tokens ?? max_tokens ?? null;
}

/** Tokens that an answer is allowed whose caller says nothing; no more than the route's model can give. */
export function defaultLimit({ defaults }: Turn, { max_output_tokens }: Route): number | null {
  const limit = defaults.max_tokens ?? null;
  return limit && Math.min(limit, max_output_tokens ?? Infinity);
}
