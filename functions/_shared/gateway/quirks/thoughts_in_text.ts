import type { Route, Turn } from "../turn_database.ts";

/*
 * MiniMax-M2 and its successors give worse answers without the reasoning of earlier ones, and
 * expect it where they wrote it: in the text, between `<think>` tags (the model card of MiniMax-M2,
 * 27 October 2025, and its discussion 38; "Interleaved Thinking Unlocks Reliable MiniMax-M2 Agentic
 * Capability", minimax.io, 3 November 2025). Their template also reads `reasoning_content`, but
 * MiniMax's own API does not, and takes `reasoning_details` instead, as OpenRouter does.
 */

type Message = Turn["messages"][number];

/** Moves the reasoning of a message into its text, for these models. */
export function withThoughtsInText(
  message: Message,
  { model, api_format }: Pick<Route, "model" | "api_format">,
): Message {
  if (api_format !== "openai" || !/\bminimax-m([2-9]|\d\d)/i.test(model)) return message;
  const { reasoning_content, reasoning, ...rest } = message;
  const thoughts = reasoning_content || reasoning;
  if (typeof thoughts !== "string" || thoughts === "" || "reasoning_details" in rest) {
    return message;
  }
  const text = `<think>\n${thoughts}\n</think>\n\n`;
  const { content } = rest;
  return {
    ...rest,
    content: Array.isArray(content)
      ? [{ type: "text", text }, ...content]
      : text + (typeof content === "string" ? content : ""),
  };
}
