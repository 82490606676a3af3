/** The end of a sentence; in Chinese and Japanese no space follows the mark. */
const ENDS = /[.!?…]["'»”’)]*\s|[。！？]["'»”’」』）)]*\s?/gu;

/**
 * Splits a text into pieces of limited length: after a sentence, else after a space, else anywhere.
 * Joined, they give the text again.
 */
export function splitText(text: string, most: number): string[] {
  const characters = [...text];
  const pieces: string[] = [];
  for (let from = 0; from < characters.length;) {
    const piece = characters.slice(from, from + most).join("");
    const isLast = from + most >= characters.length;
    const end = isLast ? piece.length : endOf(piece);
    pieces.push(piece.slice(0, end));
    from += [...piece.slice(0, end)].length;
  }
  return pieces;
}

function endOf(piece: string): number {
  const last = [...piece.matchAll(ENDS)].at(-1);
  // Not in the first part of a piece, which would make too many pieces.
  if (last && last.index > piece.length / 2) return last.index + last[0].length;
  const space = piece.lastIndexOf(" ");
  return space > piece.length / 2 ? space + 1 : piece.length;
}
