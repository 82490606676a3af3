import { matterOf } from "./error_names.ts";
import type { ErrorReason } from "./error_shapes.ts";

/*
 * Input that a filter rejects is a 403 with OpenRouter, whose metadata names the reasons (its
 * "Errors and debugging", 21 November 2026), a 400 with Azure (code content_filter), and only a
 * message with others. xAI answers 403 "Content violates usage guidelines" (llmgateway#1785, 3
 * March 2026). The request is at fault, not the key.
 */

/** Anchored at the beginning, as a message may quote a caller's input. */
const SENTENCE =
  /^content violates usage guidelines\b|^(your |the )?(input|prompt|request|message|content|text)s?( \w+){0,3} (was|were|is|are|has been|have been|been)( \w+)? (flagged|filtered|moderated|blocked by (the )?(content|safety))/i;

/** Whether an error means that a filter rejected the input. */
export function isFlagged(status: number, { sentence, names, isFlagged }: ErrorReason): boolean {
  if (![400, 403, 422, 451].includes(status)) return false;
  return isFlagged || matterOf(names) === "filter" || SENTENCE.test(sentence);
}
