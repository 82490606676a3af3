import { join } from "node:path";
import { projectFiles } from "./project-files.ts";

const glossary = "docs/glossary.md";

/** Written from comments and schemas, whose words are those of the code. */
const generated = ["docs/api.md", "docs/data-dictionary.md", "docs/errors.md"];

/**
 * Uses of the phrases that docs/glossary.md retires, in pages that are written by hand. Code is left
 * out, and so are names of tests, which a page quotes.
 */
export async function findRetiredWords(root: string): Promise<string[]> {
  const retired = retiredWords(await Deno.readTextFile(join(root, glossary)));
  if (retired.length === 0) return [`${glossary} has no table of retired words`];
  const pattern = new RegExp(`\\b(?:${retired.join("|")})\\b`, "gi");
  const problems: string[] = [];
  for (const file of await searchedFiles(root)) {
    const prose = withoutCode(await Deno.readTextFile(join(root, file)));
    for (const match of prose.matchAll(pattern)) {
      const line = prose.slice(0, match.index).split("\n").length;
      const words = match[0].replaceAll(/\s+/g, " ");
      problems.push(`${file}:${line} uses "${words}". ${glossary} says what to write`);
    }
  }
  return problems;
}

/** The first column of the table below the heading "Retired words", as patterns. */
function retiredWords(text: string): string[] {
  const section = text.split("\n## Retired words\n")[1] ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)]
    .map(([, words = ""]) => words.replaceAll(" ", "\\s+"));
}

/** The pages that are searched. Sources whose comments shall be searched are added here. */
async function searchedFiles(root: string): Promise<string[]> {
  const isPage = /^(?:README|CONTRIBUTING|CHANGELOG|docs\/.*)\.md$/;
  return (await projectFiles(root)).filter((file) =>
    isPage.test(file) && !generated.includes(file)
  );
}

/** A page with blanks for its blocks of code, inline code and quoted names of tests. */
function withoutCode(text: string): string {
  const blank = (match: string) => match.replaceAll(/[^\n]/g, " ");
  return text
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, blank)
    .replaceAll(/^ *- `tests\/[^`]+`: .+(?:\n +(?![ -]).+)*/gm, blank)
    .replaceAll(/`[^`]+`/g, blank);
}
