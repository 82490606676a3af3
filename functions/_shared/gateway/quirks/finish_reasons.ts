/*
 * Finish reasons that OpenAI's API does not have. From the API references of Mistral
 * (model_length), Gemini (FinishReason: SAFETY, BLOCKLIST, SPII, MALFORMED_FUNCTION_CALL …),
 * Anthropic (max_tokens, tool_use, refusal, model_context_window_exceeded), Cohere (ERROR_TOXIC,
 * ERROR_LIMIT), DeepSeek (insufficient_system_resource), Zhipu (sensitive, network_error) and
 * OpenRouter (error, native_finish_reason), 21 November 2026; vLLM (abort), its FinishReason, 21
 * November 2026. MALFORMED_FUNCTION_CALL is a failure (hermes-agent#83886, 11 August 2026) after
 * which a retry helps: pydantic-ai#3300, 30 October 2025.
 */

/** The reasons that OpenAI's clients know. */
const KNOWN = new Set(["stop", "length", "content_filter", "tool_calls", "function_call"]);

/**
 * Vendors' finish reasons in lower case, by meaning. The first match counts. "vendor": the vendor
 * interrupted the answer; "model": the model produced a malformed answer, as some requests provoke.
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

/** Who failed, according to a vendor's finish reason; null for an ordinary end. */
export function failureIn(reason: string | null | undefined): "vendor" | "model" | null {
  const meaning = meaningOf(reason);
  return meaning === "vendor" || meaning === "model" ? meaning : null;
}

/**
 * Translates a vendor's finish reason. An unknown one becomes `length`: the answer may be
 * incomplete, and must not be taken for a complete one.
 *
 * @param hasCalls Whether the answer calls tools. If so, an ordinary end becomes `tool_calls`, on
 * which agents rely and which Gemini does not send; without calls it becomes `stop`.
 */
export function finishReason(reason: string | null | undefined, hasCalls: boolean): string {
  const known = meaningOf(reason) ?? "stop";
  if (!["stop", "tool_calls", "function_call"].includes(known)) return known;
  return hasCalls ? "tool_calls" : "stop";
}

/**
 * The finish reason of a choice. If a gateway reports an ordinary end but also passes on the
 * vendor's own reason, the latter counts.
 *
 * @returns null while the answer continues.
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

/** SGLang sends an object; some servers send "null" or "" for no reason. */
function wordIn(reason: unknown): string | null {
  const word: unknown = typeof reason === "object" && reason !== null
    ? Reflect.get(reason, "type")
    : reason;
  return typeof word === "string" && word !== "" && word !== "null" ? word : null;
}
