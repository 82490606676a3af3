import type { KeyReport } from "../../crypto/stored_key.ts";

/** Tokens of a turn. Input includes what was cached, output includes reasoning. */
export interface TurnUsage {
  input_tokens: number;
  output_tokens: number;
  cached_input_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  /** What of `cache_write_tokens` is kept for an hour, at a price of its own; absent where nothing is. */
  cache_write_1h_tokens?: number;
  /** The tier that the vendor says it served the call at, such as `priority`; absent where it says none. */
  service_tier?: string;
  /** What was used that is no token, such as `{"image/1024x1024/high": 2}`; absent for nothing. */
  units?: Readonly<Record<string, number>>;
  /** True where the numbers are estimated from the length of the text. */
  estimated: boolean;
}

/** One call of an upstream. */
export interface Attempt {
  attempt: number;
  /** The agent whose route it was; null for a route without one. */
  agent_id: string | null;
  vendor_id: string;
  service_id: string | null;
  /** The person's key that it was made with; null for the platform's credential. */
  api_key_id: string | null;
  status: "succeeded" | "failed";
  upstream_status: number | null;
  /** Whether it failed through the fault of the agent's vendor. */
  counts_against_agent: boolean;
  error_code: string | null;
  error_message: string | null;
  /** Milliseconds from the start of the call to the head of its answer. */
  first_byte_ms: number | null;
  latency_ms: number;
  /** What it sold, as it says or as it is estimated; null where it sold nothing, or is unknown. */
  usage: TurnUsage | null;
  /** Whether its usage is unknown: then the database books an estimate. */
  usage_is_unknown: boolean;
  /** ISO 8601. */
  started_at: string;
}

/** What the model answered, as far as it came. */
export interface Answer {
  content: string | null;
  tool_calls: object[] | null;
  /** What the vendor needs to go on from it, such as its reasoning, as it came; null for nothing. */
  continuation?: object | null;
  finish_reason: string | null;
  /** The name by which the upstream calls the model that answered. */
  model_used: string | null;
  usage: TurnUsage | null;
  /** The vendor's own price in USD as decimal text, where it names one. */
  provider_cost: string | null;
  /** Milliseconds from the request to the first token, where tokens came one by one. */
  first_token_ms: number | null;
}

/** How a turn ended: the argument of `settle_chat_turn`. */
export interface Outcome extends Answer {
  state: "succeeded" | "partial" | "failed";
  /** What was called last: whose price holds. null when nothing was called. */
  vendor_id: string | null;
  service_id: string | null;
  latency_ms: number;
  error: { code: string; message: string } | null;
  attempts: Attempt[];
  /** What became of the users' vendor keys that were tried; absent where none was. */
  keys?: KeyReport[];
  /** The body to repeat when the request comes again with its Idempotency-Key. */
  answer?: object;
  /**
   * Tokens, as they are estimated, of the prompt that the vendor took after it had refused a longer one
   * as too long; absent where it refused none.
   */
  prompt_limit?: number;
  /** Whether the database shall say what a cache may keep of the turn. */
  mirror: boolean;
}

/** The answer of a turn in which the model said nothing. */
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
  const text = JSON.stringify(
    value,
    (_key, child: unknown) =>
      typeof child === "string" ? child.replaceAll("\0", "").toWellFormed() : child,
  );
  return JSON.parse(text);
}
