/*
 * Reasons for the end of an answer that OpenAI does not know. From the API references of Mistral
 * (model_length), Gemini (FinishReason: SAFETY, BLOCKLIST, SPII, MALFORMED_FUNCTION_CALL …), Anthropic
 * (max_tokens, tool_use, refusal, model_context_window_exceeded), Cohere (ERROR_TOXIC, ERROR_LIMIT),
 * DeepSeek (insufficient_system_resource), Zhipu (sensitive, network_error) and OpenRouter (error,
 * native_finish_reason), 21 November 2026; vLLM (abort), its FinishReason, 21 November 2026. That
 * MALFORMED_FUNCTION_CALL is no ordinary end: hermes-agent#83886, 11 August 2026; that another call
 * helps: pydantic-ai#3300, 30 October 2025.
 */

/** The reasons that OpenAI's clients know. */
const KNOWN = new Set(["stop", "length", "content_filter", "tool_calls", "function_call"]);

/**
 * What vendors say, in lower case, by what they mean by it. What comes first holds. "vendor" is an
 * answer that the vendor broke off, "model" one that the model made a mess of, as it does for some
 * requests.
 */
const MEANINGS: readonly [meaning: string, words: RegExp][] = [
  ["content_filter", /^error_toxic$/],
  ["length", /^error_limit$/],
  ["model", /malformed|unexpected_tool|too_many_tool|missing_thought|invalid/],
  ["vendor", /error|abort|cancel|fail|fault|interrupt|time_?out|timed_out|overload|network/],
  ["vendor", /insufficient|resource|unavailable|disconnect|shut_?down|preempt|evict/],
  [
    "content_filter",
    /filter|safety|block|policy|refus|prohibit|moderat|sensitive|toxic|recitation/,
  ],
  ["content_filter", /guardrail|spii|censor|language|violat|flag/],
  ["length", /length|limit|max|token_?budget|window|truncat|incomplete|unspecified|not_finished/],
  ["tool_calls", /^(tool|function)s?(_?(use|calls?))?$/],
  ["stop", /^(stop|end|eo[stg]|im_end|complete|finish|done|normal|success|natural)/],
];

/** Whose failure a vendor's reason for the end of an answer tells of; null where it is an end. */
export function failureIn(reason: string | null | undefined): "vendor" | "model" | null {
  const meaning = meaningOf(reason);
  return meaning === "vendor" || meaning === "model" ? meaning : null;
}

/**
 * Translates a vendor's reason for the end of an answer. An unknown one is a `length`: the
 * answer may not be whole, and must not pass for it.
 *
 * @param hasCalls Whether the answer calls tools. Then an ordinary end is one that waits for their
 * results, which Gemini does not say and agents go by. Without calls there are none to wait for.
 */
export function finishReason(reason: string | null | undefined, hasCalls: boolean): string {
  const known = meaningOf(reason) ?? "stop";
  if (!["stop", "tool_calls", "function_call"].includes(known)) return known;
  return hasCalls ? "tool_calls" : "stop";
}

/**
 * The reason that a choice gives. Where a gateway tells the vendor's own beside an ordinary end, and
 * that is none, the vendor's holds.
 *
 * @returns null while the answer goes on.
 */
export function reasonOf(choice: object): string | null {
  const given = wordIn(Reflect.get(choice, "finish_reason"));
  const native = wordIn(Reflect.get(choice, "native_finish_reason"));
  const isOrdinary = meaningOf(given) === "stop" && meaningOf(native) !== "tool_calls";
  return given !== null && native !== null && isOrdinary ? native : given;
}

function meaningOf(reason: string | null | undefined): string | null {
  if (!reason) return null;
  const word = reason.toLowerCase().replaceAll(/[<|>]/g, "").replaceAll(/[\s-]+/g, "_");
  if (KNOWN.has(word)) return word;
  return MEANINGS.find(([, words]) => words.test(word))?.[0] ?? "length";
}

/** SGLang writes an object; "null" and "" are the words of some for none. */
function wordIn(reason: unknown): string | null {
  const word: unknown = typeof reason === "object" && reason !== null
    ? Reflect.get(reason, "type")
    : reason;
  return typeof word === "string" && word !== "" && word !== "null" ? word : null;
}
