/*
 * JSON with NaN and Infinity, as Python writes it: log probabilities of tokens that cannot be are minus
 * infinity (sglang#4097, 5 March 2025; NeMo-RL#2962, 26 June 2026).
 */

const NUMBERS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON; numbers that it cannot have are null.
 *
 * @throws {SyntaxError} For what is not JSON otherwise.
 */
export function parseLenient(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    if (!/\b(NaN|Infinity)\b/.test(text)) throw thrown;
    return JSON.parse(text.replaceAll(NUMBERS, (match) => match.startsWith('"') ? match : "null"));
  }
}
