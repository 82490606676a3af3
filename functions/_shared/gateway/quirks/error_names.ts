/*
 * Error names of vendors that are more precise than the status: errors within a 200 have no status,
 * and some vendors use 429 or 403 for permanent errors. OpenAI's error codes (insufficient_quota,
 * content_filter), Azure OpenAI's content filter (ResponsibleAIPolicyViolation), Anthropic's errors
 * (overloaded_error), Google's canonical codes (RESOURCE_EXHAUSTED), Moonshot's
 * (exceeded_current_quota_error), Groq's (model_decommissioned), MiniMax's
 * (insufficient_balance_error, modelscope#1691, 25 April 2026), OpenRouter's moderation
 * (metadata.reasons, flagged_input), from their references of 21 November 2026. DashScope's
 * data_inspection_failed, Volcengine's AccountOverdueError, Cerebras' token_quota_exceeded,
 * LiteLLM's budget_exceeded, new-api's insufficient_user_quota, llama.cpp's
 * exceed_context_size_error, GitHub Models' tokens_limit_reached, Copilot's
 * model_max_prompt_tokens_exceeded and Zhipu's numbers (1261, 1301, 1302 …), likewise of 1 December
 * 2026.
 */

/** The subject of an error. */
export type Matter =
  | "context"
  | "filter"
  | "credit"
  | "key"
  | "rate"
  | "model"
  | "request"
  | "load";

/** Error names in lower case, by subject. The first match counts. */
const MATTERS: readonly [matter: Matter, names: RegExp][] = [
  [
    "context",
    /context_?(length|window)|exceed_context_size|^tokens_limit_reached$|max_prompt_tokens|^1261$/,
  ],
  [
    "filter",
    /content_?(filter|policy|moderation)|moderation|responsible_?ai|safety|flagged|sensitive|data_?inspection|^1301$/,
  ],
  [
    "credit",
    /insufficient_?(user_)?(quota|balance|funds|credit)|billing_(hard_limit|not_active|error)|exceeded_current_quota|credit_?balance|arrear|overdue|budget_exceeded|payment_required|out_of_credit/,
  ],
  ["key", /^(invalid_)?api_?key|authentication|unauthenticated|unauthorized|invalid_authorization/],
  [
    "rate",
    /rate_?limit|too_?many_?requests|resource_exhausted|throttl|requests_per|tokens_per|too_many_tokens|token_quota|^130[235]$/,
  ],
  ["model", /model_(not_found|not_available|decommissioned|not_supported)|invalid_model/],
  ["load", /overload|unavailable|server_error|internal|api_error|capacity|timeout/],
  [
    "request",
    /invalid_?(request|prompt|image|argument|parameter|value)|bad_?request|unprocessable/,
  ],
];

const STATUSES: { readonly [matter in Matter]: number } = {
  context: 400,
  filter: 400,
  credit: 402,
  key: 401,
  rate: 429,
  model: 404,
  request: 400,
  load: 503,
};

/** The subject of an error by its names; null if they are unknown. */
export function matterOf(names: readonly string[]): Matter | null {
  const words = names.map((name) => name.toLowerCase().replaceAll(/[\s-]+/g, "_"));
  const found = MATTERS.find(([, known]) => words.some((word) => known.test(word)));
  return found?.[0] ?? null;
}

/** The status of an error about this subject. */
export function statusOf(matter: Matter): number {
  return STATUSES[matter];
}
