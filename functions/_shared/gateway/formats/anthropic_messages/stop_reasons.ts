import { isObject, objectIn } from "./blocks.ts";

/** Anthropic's stop reasons, with the equivalent finish reason of OpenAI's. */
const FINISH_REASONS: ReadonlyMap<unknown, string> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["pause_turn", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["refusal", "content_filter"],
]);

/**
 * Converts a stop reason to OpenAI's finish reason; null while there is none. Unknown reasons, from
 * other vendors with Anthropic's API, are passed on and interpreted like those of any vendor.
 */
export function finishReasonOf(stopReason: unknown): string | null {
  if (typeof stopReason !== "string" || stopReason === "") return null;
  return FINISH_REASONS.get(stopReason) ?? stopReason;
}

const STOP_REASONS: ReadonlyMap<unknown, string> = new Map([
  ["stop", "end_turn"],
  ["length", "max_tokens"],
  ["tool_calls", "tool_use"],
  ["function_call", "tool_use"],
  ["content_filter", "refusal"],
]);

/** The fields that tell clients of Anthropic's API why an answer ended. */
export interface MessageEnd {
  stop_reason: string;
  stop_sequence: string | null;
  stop_details?: object;
}

/**
 * The end of an answer.
 *
 * @param choice The fields of the upstream's choice: Anthropic's own stop reason, if present, is
 * more precise.
 * @param refused Whether the model refused to answer, which other vendors report as an ordinary
 * end.
 */
export function messageEnd(
  finishReason: string | null,
  choice: object,
  refused: boolean,
): MessageEnd {
  const { stop_reason, stop_sequence, stop_details } = objectIn(choice, "anthropic");
  const isExact = typeof stop_reason === "string" &&
    FINISH_REASONS.get(stop_reason) === finishReason;
  const usual = refused ? "refusal" : STOP_REASONS.get(finishReason) ?? "end_turn";
  return {
    stop_reason: isExact ? stop_reason : usual,
    stop_sequence: typeof stop_sequence === "string" ? stop_sequence : null,
    ...isObject(stop_details) && { stop_details },
  };
}
