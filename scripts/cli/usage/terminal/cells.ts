const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const wide =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u;

/**
 * A name made safe for a terminal: without control characters and direction marks.
 */
export function printable(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, "").trim() ||
    "(no name)";
}

/** How many cells of a terminal a text takes. */
export function cellsOf(text: string): number {
  return [...segmenter.segment(text)].reduce((sum, { segment }) => sum + cell(segment), 0);
}

/** A text in exactly this number of cells, cut with an ellipsis if it is longer. */
export function fit(text: string, cells: number, side: "left" | "right" = "left"): string {
  let [kept, used] = ["", 0];
  const isCut = cellsOf(text) > cells;
  for (const { segment } of segmenter.segment(text)) {
    if (used + cell(segment) > cells - (isCut ? 1 : 0)) break;
    kept += segment;
    used += cell(segment);
  }
  if (isCut) [kept, used] = [`${kept}…`, used + 1];
  const space = " ".repeat(Math.max(0, cells - used));
  return side === "left" ? kept + space : space + kept;
}

/** The width of a column of numbers, which must not be cut: a cut number reads like another one. */
export function columnFor(numbers: readonly string[], least: number): number {
  return Math.max(least, ...numbers.map((number) => cellsOf(number) + 2));
}

function cell(grapheme: string): number {
  return wide.test(grapheme) ? 2 : 1;
}
