/*
 * JSON with NaN and Infinity, as Python writes it: log probabilities of tokens that cannot be are minus
 * infinity (sglang#4097, 5 March 2025; NeMo-RL#2962, 26 June 2026). And JSON that something follows: the
 * comment of a proxy.
 */

const NUMBERS = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON; numbers that it cannot have are null, and what follows an object or a list is left out.
 *
 * @throws {SyntaxError} If the text is not JSON in any other way.
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const object = firstObject(text);
    if (object === null) throw thrown;
    return JSON.parse(
      object.replaceAll(NUMBERS, (match) => match.startsWith('"') ? match : "null"),
    );
  }
}

/** The object or list that a text begins with; null where there is none, or it does not end. */
function firstObject(text: string): string | null {
  if (!/^\uFEFF?\s*[[{]/.test(text)) return null;
  let depth = 0;
  let isText = false;
  // By hand: on a text that does not end, a regular expression would begin again at each quote in it.
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (isText && letter === "\\") index++;
    else if (letter === '"') isText = !isText;
    if (isText) continue;
    if (letter === "{" || letter === "[") depth++;
    if (letter !== "}" && letter !== "]") continue;
    depth--;
    // Another object may be more of the answer.
    if (depth === 0 && text.includes("{", index)) return null;
    if (depth === 0) return text.slice(0, index + 1).replace(/^\uFEFF/, "");
  }
  return null;
}
