const heading = "## SECURITY DEFINER functions";

/**
 * The functions in the first column of the table beneath "SECURITY DEFINER functions", without
 * their code marks; empty when there is no such table.
 */
export function readInventory(markdown: string): string[] {
  const [, section = ""] = markdown.split(`${heading}\n`);
  const rows = section.split(/^## /m)[0]?.split("\n") ?? [];
  return rows.flatMap((row) => row.match(/^\|\s*`([^`]+)`\s*\|/)?.[1] ?? []);
}
