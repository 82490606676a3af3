/**
 * The number of characters of a JSON text outside its strings, quotes included. It bounds the
 * number of values, which take far more memory than the characters of long strings.
 *
 * @param limit Counting stops beyond this number.
 */
export function structureLength(text: string, limit: number): number {
  let length = 0;
  for (let at = 0; at < text.length && length <= limit;) {
    const begin = text.indexOf('"', at);
    if (begin < 0) return length + text.length - at;
    length += begin - at + 2;
    at = endOfString(text, begin) + 1;
  }
  return length;
}

function endOfString(text: string, begin: number): number {
  let end = text.indexOf('"', begin + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let first = at;
  while (text[first - 1] === "\\") first--;
  return (at - first) % 2 === 1;
}
