import type { Route, Turn } from "../turn_database.ts";

/*
 * Instructions that some vendors refuse. DeepSeek, DeepInfra and others refuse the role developer
 * (pi#1048, 28 January 2026; pi#1578, 21 February 2026; OmniRoute#2281, 15 May 2026); templates of
 * Qwen and Gemma on vLLM refuse a system message that is not the first (codex#36942, 2026).
 */

type Messages = Turn["messages"];

/** Moves the instructions to the role and position that a route accepts. */
export function placeInstructions(
  messages: Messages,
  { takes_developer_role, instructions_first }: Route,
): Messages {
  const named = takes_developer_role
    ? messages
    : messages.map((one) => one.role === "developer" ? { ...one, role: "system" } : one);
  const isPlaced = named.every((one, place) => place === 0 || !isInstruction(one));
  if (!instructions_first || isPlaced) return named;
  const instructions = named.filter(isInstruction);
  const first = {
    role: instructions[0]?.role ?? "system",
    content: instructions.map(textOf).filter((text) => text !== "").join("\n\n"),
  };
  return [first, ...named.filter((one) => !isInstruction(one))];
}

function isInstruction({ role }: Messages[number]): boolean {
  return role === "system" || role === "developer";
}

function textOf({ content }: Messages[number]): string {
  const parts: unknown[] = Array.isArray(content) ? content : [content];
  const texts = parts.map((part) =>
    typeof part === "object" && part !== null ? Reflect.get(part, "text") : part
  );
  return texts.filter((text) => typeof text === "string").join("");
}
