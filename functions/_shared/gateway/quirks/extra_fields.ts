import type { Shape } from "../prepare/field_shape.ts";

/*
 * Vendors' own fields that hold more than a number or a word: OpenRouter's reasoning (its guide "Reasoning
 * tokens") and Anthropic's thinking (its "Extended thinking"), 21 November 2026. Which vendor takes which,
 * `vendors.extra_fields` says.
 */

/** What goes on of them with a credential that is not the caller's own. */
export const EXTRA_SHAPES: { readonly [field: string]: Shape } = {
  reasoning: {
    effort: "scalar",
    enabled: "scalar",
    exclude: "scalar",
    max_tokens: "scalar",
    summary: "scalar",
  },
  thinking: { type: "scalar", budget_tokens: "scalar" },
};

/** Where they say how many tokens a model may think. */
export const THINKING_BUDGETS = [
  { field: "thinking", budget: "budget_tokens" },
  { field: "reasoning", budget: "max_tokens" },
] as const;
