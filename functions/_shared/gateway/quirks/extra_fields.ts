import type { Shape } from "../prepare/field_shape.ts";

/*
 * Vendors' own fields that hold more than a number or a word: OpenRouter's reasoning (its guide
 * "Reasoning tokens") and Anthropic's thinking (its "Extended thinking"), 21 November 2026.
 * `vendors.extra_fields` lists those that a vendor accepts.
 */

/** The parts of these fields that are sent with a credential other than the caller's own. */
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

/** Where these fields limit the tokens of reasoning. */
export const THINKING_BUDGETS = [
  { field: "thinking", budget: "budget_tokens" },
  { field: "reasoning", budget: "max_tokens" },
] as const;
