/** What opens code, and closes it again; also as the first line of an item of a list. */
export function fenceOf(line: string): string | undefined {
  return line.match(/^\s{0,3}(?:(?:[-*+]|\d{1,9}[.)])\s+)?(```+|~~~+)/)?.[1];
}

/** Follows the lines of a text: tells of each whether it is code, or what ends it. */
export function watchFences(): (line: string) => boolean {
  let fence: string | undefined;
  return (line) => {
    const isCode = fence !== undefined;
    if (fence === undefined) fence = fenceOf(line);
    else if (line.trim().startsWith(fence)) fence = undefined;
    return isCode;
  };
}
