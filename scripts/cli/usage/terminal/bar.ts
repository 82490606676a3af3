const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/**
 * A bar of blocks, to an eighth of a cell. Whatever is more than nothing shows.
 *
 * @param part Of the whole, 0 to 1.
 * @param cells What the whole would take.
 */
export function bar(part: number, cells: number): string {
  if (!(part > 0)) return "";
  const length = Math.max(1, Math.round(Math.min(1, part) * cells * 8));
  return "█".repeat(Math.floor(length / 8)) + eighths[length % 8];
}
