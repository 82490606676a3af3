import type { KeyReport } from "../../crypto/stored_key.ts";

/** Tokens of a turn. Input includes what was cached, output includes reasoning. */
export interface TurnUsage {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  /**
   * The part of `cache_write_tokens` with a lifetime of an hour, which has its own price; absent
   * for none.
   */
  cache_write_1h_tokens?: number;
  /** The service tier that the vendor reports, such as `priority`; absent for none. */
  service_tier?: string;
  /** Usage in units other than tokens, such as `{"image/1024x1024/high": 2}`; absent for none. */
  units?: Readonly<Record<string, number>>;
  /** True if the numbers are estimated from the length of the text. */
  estimated: boolean;
}

/** One call of an upstream. */
export interface Attempt {
  attempt: number;
  /** The agent whose route it was; null for a route without one. */
  agent_id: string | null;
  vendor_id: string;
  service_id: string | null;
  /** The user's key of the call; null for the platform's credential. */
  api_key_id: string | null;
  status: "succeeded" | "failed";
  upstream_status: number | null;
  /** Whether the failure counts against the agent's vendor. */
  counts_against_agent: boolean;
  error_code: string | null;
  error_message: string | null;
  /** Milliseconds from the start of the call to the head of its answer. */
  first_byte_ms: number | null;
  latency_ms: number;
  /** Its usage, measured or estimated; null for none or unknown usage. */
  usage: TurnUsage | null;
  /** Whether its usage is unknown: then the database records an estimate. */
  usage_is_unknown: boolean;
  /** ISO 8601. */
  started_at: string;
}

/** The model's answer, complete or partial. */
export interface Answer {
  content: string | null;
  tool_calls: object[] | null;
  /** The fields that the vendor needs to continue from it, such as its reasoning; null for none. */
  continuation?: object | null;
  finish_reason: string | null;
  /** The upstream's name of the model that answered. */
  model_used: string | null;
  usage: TurnUsage | null;
  /** The cost that the vendor reports, in USD as decimal text. */
  provider_cost: string | null;
  /** Milliseconds from the request to the first token of a stream. */
  first_token_ms: number | null;
}

/** The outcome of a turn: the argument of `settle_chat_turn`. */
export interface Outcome extends Answer {
  state: "succeeded" | "partial" | "failed";
  /** The route that was called last, whose price applies; null for none. */
  vendor_id: string | null;
  service_id: string | null;
  latency_ms: number;
  error: { code: string; message: string } | null;
  attempts: Attempt[];
  /** The outcomes of the users' keys that were tried; absent for none. */
  keys?: KeyReport[];
  /** The body to replay for the same Idempotency-Key. */
  answer?: object;
  /**
   * Estimated tokens of the prompt that the vendor accepted after it had refused a longer one;
   * absent if it refused none.
   */
  prompt_limit?: number;
  /** Whether the database should return the data for the Redis mirror. */
  mirror: boolean;
}

/** The empty answer. */
export const NO_ANSWER: Answer = {
  content: null,
  tool_calls: null,
  finish_reason: null,
  model_used: null,
  usage: null,
  provider_cost: null,
  first_token_ms: null,
};

/**
 * Makes text storable. A model may emit U+0000 or half of a surrogate pair, both of which Postgres
 * refuses; losing that character is better than losing the turn.
 */
export function storable<Value>(value: Value): Value {
  // Both are written as escapes.
  if (!/\\u(?:0000|d[89a-f])/.test(JSON.stringify(value))) return value;
  const text = JSON.stringify(
    value,
    (_key, child: unknown) =>
      typeof child === "string" ? child.replaceAll("\0", "").toWellFormed() : child,
  );
  return JSON.parse(text);
}
