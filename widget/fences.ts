/** The fence with which a line opens code, also as the first line of a list item; else undefined. */
export function fenceOf(line: string): string | undefined {
  return line.match(/^\s{0,3}(?:(?:[-*+]|\d{1,9}[.)])\s+)?(```+|~~~+)/)?.[1];
}

/**
 * Makes a function that takes the lines of a text in order, and says of each whether it is code or the
 * fence that closes it.
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
