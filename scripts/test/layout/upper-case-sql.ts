import { migrationFiles } from "./migration-files.ts";

/** Comments and strings, in which upper case is text. */
const TEXTS = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"[^"]*"/g;

/** A word of upper-case letters; settings such as `TG_OP` are not written so either. */
const UPPER = /\b[A-Z][A-Z_]+\b/g;

/** Keywords and names in migrations that are not in lower case. */
export async function findUpperCaseSql(root: string): Promise<string[]> {
  return (await migrationFiles(root)).flatMap(({ path, sql }) => {
    const code = sql.replace(TEXTS, (text) => text.replace(/[^\n]/g, " "));
    return code.split("\n").flatMap((line, index) =>
      [...line.matchAll(UPPER)].map(([word]) => `${path}:${index + 1}: ${word} is in upper case`)
    );
  });
}
