/*
 * What a model thinks is streamed in reasoning_content (DeepSeek, xAI) or reasoning (OpenRouter), by
 * some in both at once. Recorded from answers of vendors, 22 November 2026.
 */

/** Where vendors put what a model thinks before it answers; some say it in two fields at once. */
const FIELDS = ["reasoning_content", "reasoning"];

/** The reasoning in a message or in a piece of one. It costs as much as an answer does. */
export function reasoningText(fields: object): string {
  const texts = FIELDS.map((field) => {
    const text: unknown = Reflect.get(fields, field);
    return typeof text === "string" ? text : "";
  });
  return texts.reduce((longest, text) => text.length > longest.length ? text : longest, "");
}
