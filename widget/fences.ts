/**
 * The fence of a line that opens a code block, also as the first line of a list item; otherwise
 * undefined.
 */
export function fenceOf(line: string): string | undefined {
  return line.match(/^\s{0,3}(?:(?:[-*+]|\d{1,9}[.)])\s+)?(```+|~~~+)/)?.[1];
}

/**
 * Creates a function that takes the lines of a text in order, and returns for each whether it is
 * code or a closing fence.
 */
export function watchFences(): (line: string) => boolean {
  let fence: string | undefined;
  return (line) => {
    const isCode = fence !== undefined;
    if (fence === undefined) fence = fenceOf(line);
    else if (line.trim().startsWith(fence)) fence = undefined;
    return isCode;
  };
}
