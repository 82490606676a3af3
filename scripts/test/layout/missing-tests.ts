import { join } from "node:path";

const page = "docs/failure-modes.md";

/** Tests that docs/failure-modes.md names and that do not exist. */
export async function findMissingTests(root: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(root, page));
  // A claim may go on in the next line, further in.
  const items = text.replaceAll(/\n +(?![ -])/g, " ").matchAll(/^ *- `([^`]+)`(?:: (.+))?$/gm);
  const problems: string[] = [];
  let found = 0;
  for (const [, path = "", claim] of items) {
    found++;
    const test = await Deno.readTextFile(join(root, path)).catch(() => null);
    if (test === null) problems.push(`${page} names "${path}", which does not exist`);
    else if (claim === undefined ? !path.endsWith(".sql") : !test.includes(`"${claim.trim()}"`)) {
      problems.push(`${page} names "${claim ?? ""}" in "${path}", which has no such test`);
    }
  }
  return found === 0 ? [`${page} names no test`] : problems;
}
