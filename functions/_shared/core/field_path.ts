/**
 * Writes the path of a field the way OpenAI's errors name it.
 *
 * @example `fieldPath(["messages", 0, "role"])` is `messages[0].role`.
 */
export function fieldPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += text === "" ? String(part) : `.${String(part)}`;
  }
  return text.slice(0, 200);
}
