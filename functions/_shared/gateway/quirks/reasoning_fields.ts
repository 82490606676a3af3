/*
 * What a model thinks is in reasoning_content (DeepSeek, xAI) or reasoning (OpenRouter), by some in both
 * at once. Recorded from answers of vendors, 22 November 2026. Proxies have it in other fields:
 * reasoning_text (GitHub Copilot), thinking (Ollama's own API), reasoning_summary, or as an object with a
 * text in it; and OpenRouter and MiniMax in reasoning_details, which may come alone (OpenRouter's guide
 * "Reasoning tokens", 30 November 2026).
 */

/** Where clients look for it; some vendors say it in two fields at once. */
const FIELDS = ["reasoning_content", "reasoning"];

/** Where else vendors have it. */
const OTHERS = ["reasoning_text", "thinking", "thinking_content", "reasoning_summary", "thought"];

const TELLING: ReadonlySet<string> = new Set([...FIELDS, ...OTHERS, "reasoning_details"]);

type Fields = Record<string, unknown>;

/** The reasoning in a message or in a piece of one. It costs as much as an answer does. */
export function reasoningText(fields: object): string {
  const texts = FIELDS.map((field) => {
    const text: unknown = Reflect.get(fields, field);
    return typeof text === "string" ? text : "";
  });
  return texts.reduce((longest, text) => text.length > longest.length ? text : longest, "");
}

/**
 * A message, or a piece of one, with its reasoning in a field that clients know. What is in such a
 * field already stays as it is.
 *
 * @param isRepeated Whether earlier pieces had it in such a field: details repeat it.
 */
export function withKnownReasoning(message: Fields, isRepeated: boolean): Fields {
  if (!Object.keys(message).some((name) => TELLING.has(name))) return message;
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

/** A text, or that of an object. */
function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  const { content, text, summary }: Fields = Object(value);
  return [content, text, summary].filter((one) => typeof one === "string")[0] ?? "";
}

/** The text of details. Those of MiniMax repeat in each piece what came before it. */
function detailsText(details: unknown): string {
  if (!Array.isArray(details)) return "";
  return details.map((detail) => {
    const { format, text, summary }: Fields = Object(detail);
    if (String(format).startsWith("MiniMax")) return "";
    return typeof text === "string" ? text : typeof summary === "string" ? summary : "";
  }).join("");
}
