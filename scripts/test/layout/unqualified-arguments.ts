import { dollarBodies } from "./dollar-bodies.ts";
import { migrationFiles } from "./migration-files.ts";

/** `create function schema.name(arguments)`, up to the parenthesis that ends them. */
const head = /\bcreate\s+(?:or\s+replace\s+)?(?:function|procedure)\s+(?:\w+\.)?(\w+)\s*\(/i;

/**
 * Arguments that a function uses and never writes as `function.argument`: a column of the same name
 * would be taken instead, in some places silently.
 */
export async function findUnqualifiedArguments(root: string): Promise<string[]> {
  return (await migrationFiles(root)).flatMap(({ path, sql }) =>
    dollarBodies(sql).flatMap(({ line, text, statement }) => {
      const match = statement.match(head);
      const name = match?.[1];
      if (match === null || name === undefined) return [];
      const list = argumentList(statement, (match.index ?? 0) + match[0].length);
      const body = text.replace(/--[^\n]*|'(?:[^']|'')*'/g, " ");
      return argumentNames(list)
        .filter((argument) => isUsedBare(body, name, argument))
        .map((argument) => `${path}:${line}: ${name}() never qualifies ${argument}`);
    })
  );
}

/** What stands between the parentheses, the first of which ends before this position. */
function argumentList(statement: string, from: number): string {
  let depth = 1;
  let at = from;
  for (; at < statement.length && depth > 0; at++) {
    if (statement[at] === "(") depth++;
    if (statement[at] === ")") depth--;
  }
  return statement.slice(from, at - 1);
}

function argumentNames(list: string): string[] {
  const plain = list.replace(/--[^\n]*|'(?:[^']|'')*'/g, " ");
  let depth = 0;
  const parts = [""];
  for (const character of plain) {
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.flatMap((part) => {
    const words = part.trim().replace(/^(?:in|out|inout|variadic)\s+/i, "").split(/\s+/);
    // A type alone has no name; `out` arguments are written to and need none.
    const isNamed = words.length > 1 && !/^out\s/i.test(part.trim());
    return isNamed && words[0] !== undefined ? [words[0]] : [];
  });
}

function isUsedBare(body: string, name: string, argument: string): boolean {
  const isQualified = new RegExp(`\\b${name}\\.${argument}\\b`, "i").test(body);
  return !isQualified && new RegExp(`(?<![.\\w])${argument}\\b(?!\\s*=>)`, "i").test(body);
}
