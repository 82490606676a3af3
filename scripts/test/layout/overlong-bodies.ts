import { join } from "node:path";
import { dollarBodies } from "./dollar-bodies.ts";

/** More than this and a body wants to be split by verb. */
const longest = 60;

/** Bodies of plpgsql functions and blocks in `migrations/` that are too long to be read. */
export async function findOverlongBodies(root: string): Promise<string[]> {
  const problems: string[] = [];
  for await (const entry of Deno.readDir(join(root, "migrations"))) {
    const sql = await Deno.readTextFile(join(root, "migrations", entry.name));
    for (const body of dollarBodies(sql)) {
      const isPlpgsql = /\blanguage\s+plpgsql\b|^\s*do\b/im.test(
        body.statement.replace(body.text, ""),
      );
      if (isPlpgsql && body.lines > longest) {
        problems.push(
          `migrations/${entry.name}:${body.line}: the body has ${body.lines} lines. Split it`,
        );
      }
    }
  }
  return problems.sort();
}
