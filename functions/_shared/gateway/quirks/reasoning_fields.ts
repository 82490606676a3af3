/*
 * Reasoning is in reasoning_content (DeepSeek, xAI) or reasoning (OpenRouter); some vendors send
 * both. Recorded from answers of vendors, 22 November 2026. Other vendors and proxies use other
 * fields: reasoning_text (GitHub Copilot), thinking (Ollama's own API), reasoning_summary, or as an
 * object with a text in it; and OpenRouter and MiniMax in reasoning_details, which may be the only
 * field (OpenRouter's guide "Reasoning tokens", 30 November 2026).
 */

/** The fields that clients read; some vendors fill both. */
const FIELDS = ["reasoning_content", "reasoning"];

/** Other fields in which vendors send it. */
const OTHERS = ["reasoning_text", "thinking", "thinking_content", "reasoning_summary", "thought"];

const ALL_FIELDS: ReadonlySet<string> = new Set([...FIELDS, ...OTHERS, "reasoning_details"]);

type Fields = Record<string, unknown>;

/** The reasoning of a message, or of a piece of one. It is billed like the answer. */
export function reasoningText(fields: object): string {
  const texts = FIELDS.map((field) => {
    const text: unknown = Reflect.get(fields, field);
    return typeof text === "string" ? text : "";
  });
  return texts.reduce((longest, text) => text.length > longest.length ? text : longest, "");
}

/**
 * Moves the reasoning of a message, or of a piece of one, to a field that clients know, unless it
 * already is in one.
 *
 * @param isRepeated Whether earlier pieces had it in such a field: then `reasoning_details` only
 * repeat it.
 */
export function withKnownReasoning(message: Fields, isRepeated: boolean): Fields {
  if (!Object.keys(message).some((name) => ALL_FIELDS.has(name))) return message;
  if (reasoningText(message) !== "") return message;
  const { reasoning, reasoning_content: _none, ...rest } = message;
  const others = [reasoning, ...OTHERS.map((field) => rest[field])].map(textIn);
  const details = isRepeated ? "" : detailsText(rest.reasoning_details);
  const text = others.find((other) => other !== "") ?? details;
  if (text === "") return message;
  const kept = Object.entries(rest).filter(([name, value]) =>
    !OTHERS.includes(name) || textIn(value) === ""
  );
  return { ...Object.fromEntries(kept), reasoning_content: text };
}

/** The text of a string or an object. */
function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  const { content, text, summary }: Fields = Object(value);
  return [content, text, summary].filter((one) => typeof one === "string")[0] ?? "";
}

/** The text of `reasoning_details`. Each piece of MiniMax's repeats the earlier ones. */
function detailsText(details: unknown): string {
  if (!Array.isArray(details)) return "";
  return details.map((detail) => {
    const { format, text, summary }: Fields = Object(detail);
    if (String(format).startsWith("MiniMax")) return "";
    return typeof text === "string" ? text : typeof summary === "string" ? summary : "";
  }).join("");
}
