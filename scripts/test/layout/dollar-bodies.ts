/** A dollar-quoted text of an SQL file. */
export interface DollarBody {
  /** Line of the file on which the body begins, from 1. */
  line: number;
  /** Lines between the quotes that are not blank. */
  lines: number;
  text: string;
  /** The whole statement around it. */
  statement: string;
}

/** Comments, quoted texts and dollar-quoted texts: what may hold a semicolon that ends nothing. */
const quoted = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"|(\$\w*\$)([\s\S]*?)\1/g;

/** The dollar-quoted bodies of functions and blocks in an SQL file. */
export function dollarBodies(sql: string): DollarBody[] {
  // Blanked texts keep their length, so that statements can be cut at the remaining semicolons.
  const plain = sql.replace(quoted, (text) => text.replace(/[^\n]/g, " "));
  const bodies: DollarBody[] = [];
  for (const match of sql.matchAll(quoted)) {
    const text = match[2];
    if (text === undefined) continue;
    const start = plain.lastIndexOf(";", match.index) + 1;
    const end = plain.indexOf(";", match.index);
    bodies.push({
      line: sql.slice(0, match.index).split("\n").length,
      lines: text.split("\n").filter((line) => line.trim() !== "").length,
      text,
      statement: sql.slice(start, end === -1 ? undefined : end),
    });
  }
  return bodies;
}
