/*
 * JSON with NaN and Infinity, as Python writes it: the log probabilities of impossible tokens are
 * minus infinity (sglang#4097, 5 March 2025; NeMo-RL#2962, 26 June 2026). Also JSON followed by
 * other text, such as the comment of a proxy.
 */

const NUMBERS = /"[^"\\]*(?:\\[^][^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON leniently: NaN and Infinity become null, and text after an object or a list is
 * ignored.
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

/** The object or list at the beginning of a text; null if there is none, or it is incomplete. */
function firstObject(text: string): string | null {
  if (!/^\uFEFF?\s*[[{]/.test(text)) return null;
  let depth = 0;
  let isText = false;
  // A loop, not a regular expression, which would backtrack at every quote of an unterminated text.
  for (let index = 0; index < text.length; index++) {
    const letter = text[index];
    if (isText && letter === "\\") index++;
    else if (letter === '"') isText = !isText;
    if (isText) continue;
    if (letter === "{" || letter === "[") depth++;
    if (letter !== "}" && letter !== "]") continue;
    depth--;
    // A further object may be a part of the answer, so nothing is ignored.
    if (depth === 0 && text.includes("{", index)) return null;
    if (depth === 0) return text.slice(0, index + 1).replace(/^\uFEFF/, "");
  }
  return null;
}
