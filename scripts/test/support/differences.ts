/** The most lines that are shown. */
const most = 20;

/**
 * Lines that only one of two texts has, marked `-` for the first and `+` for the second, at most 20.
 * Empty when the texts have the same lines.
 */
export function differences(first: string, second: string): string[] {
  const removed = linesMissing(first, second).map((line) => `- ${line}`);
  const added = linesMissing(second, first).map((line) => `+ ${line}`);
  const lines = [...removed.slice(0, most / 2), ...added.slice(0, most / 2)];
  const hidden = removed.length + added.length - lines.length;
  return hidden > 0 ? [...lines, `… and ${hidden} more lines`] : lines;
}

/** Lines that another text lacks, each as often as it is missing. */
function linesMissing(text: string, other: string): string[] {
  const counts = new Map<string, number>();
  for (const line of other.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}
