/** Where vendors put what a model thinks before it answers; some say it in two fields at once. */
const FIELDS = ["reasoning_content", "reasoning"];

/** Characters of reasoning in a message or in a piece of one. It costs as much as an answer does. */
export function reasoningLength(fields: object): number {
  const lengths = FIELDS.map((field) => {
    const text: unknown = Reflect.get(fields, field);
    return typeof text === "string" ? text.length : 0;
  });
  return Math.max(...lengths);
}
