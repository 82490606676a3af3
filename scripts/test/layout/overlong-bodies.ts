import { join } from "node:path";
import { dollarBodies } from "./dollar-bodies.ts";

/** A longer body must be split. */
const longest = 60;

/** Bodies of functions and blocks in `migrations/` that are too long to be read. */
export async function findOverlongBodies(root: string): Promise<string[]> {
  const problems: string[] = [];
  for await (const entry of Deno.readDir(join(root, "migrations"))) {
    const sql = await Deno.readTextFile(join(root, "migrations", entry.name));
    for (const { line, lines } of dollarBodies(sql)) {
      if (lines <= longest) continue;
      problems.push(`migrations/${entry.name}:${line}: the body has ${lines} lines. Split it`);
    }
  }
  return problems.sort();
}
