/**
 * Text of others as it may be written to a terminal: without the characters by which it could move the
 * cursor, set the title, change colours or reverse what is read. Line breaks and tabs stay.
 *
 * It looks at single characters, so that a sequence which arrives in pieces is taken apart as well.
 */
export function terminalText(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "");
}
