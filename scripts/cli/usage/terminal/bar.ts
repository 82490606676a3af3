const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A bar of blocks, to an eighth of a cell. Every value above 0 is visible.
 *
 * @param part The share of the total, 0 to 1.
 * @param cells The length of the total.
 */
export function bar(part: number, cells: number): string {
  if (!(part > 0)) return "";
  const length = Math.max(1, Math.round(Math.min(1, part) * cells * 8));
  return "█".repeat(Math.floor(length / 8)) + eighths[length % 8];
}
