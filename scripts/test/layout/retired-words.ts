import { basename, join } from "node:path";
import { projectFiles } from "./project-files.ts";

const glossary = "docs/glossary.md";

/** Written from comments and schemas, whose words are those of the code. */
const generated = ["docs/api.md", "docs/data-dictionary.md", "docs/errors.md"];

/** Pages that are written by hand. */
const PAGES = /^(?:README|CONTRIBUTING|CHANGELOG|docs\/.*)\.md$/;

/** Sources that are searched, most of them in their comments only. */
const SOURCES = /^(?:scripts|migrations|functions|tests|widget)\/.*\.(?:ts|mjs|sql|py)$/;

/**
 * Sources whose strings are read by people (comments of SQL objects, names of tests) and are
 * searched as well.
 */
const WORDED = /^(?:migrations|tests)\//;

/** Strings of one word: data of a test, such as an id. */
const DATA = /'[\w@.-]+'|"[\w@.-]+"/g;

/**
 * Uses of the phrases that docs/glossary.md retires: in pages that are written by hand, in comments,
 * and in the names and the text of migrations and tests, except for strings of one word. Code is left
 * out elsewhere, and so are names of tests that a page quotes.
 */
export async function findRetiredWords(root: string): Promise<string[]> {
  const retired = retiredWords(await Deno.readTextFile(join(root, glossary)));
  if (retired.length === 0) return [`${glossary} has no table of retired words`];
  const pattern = new RegExp(`\\b(?:${retired.join("|")})\\b`, "gi");
  const problems: string[] = [];
  for (const file of await projectFiles(root)) {
    const prose = await proseOf(root, file);
    for (const match of prose.matchAll(pattern)) {
      const line = prose.slice(0, match.index).split("\n").length;
      const words = match[0].replaceAll(gap, " ");
      problems.push(`${file}:${line} uses "${words}". ${glossary} says what to write`);
    }
  }
  return problems;
}

/** What may lie between two words: blanks, and the beginning of the next line of a comment. */
const gap = /\s+(?:(?:\*|\/\/|--)\s+)?/g;

/** The first column of the table below the heading "Retired words", as patterns. */
function retiredWords(text: string): string[] {
  const section = text.split("\n## Retired words\n")[1] ?? "";
  return [...section.matchAll(/^\| `([^`]+)`/gm)]
    .map(([, words = ""]) => words.replaceAll(" ", gap.source));
}

/** The prose of a file, with blanks for everything else; empty for a file that is not searched. */
async function proseOf(root: string, file: string): Promise<string> {
  const isPage = PAGES.test(file) && !generated.includes(file);
  if (!isPage && !SOURCES.test(file)) return "";
  // A file that was removed is still listed until git is told.
  const text = await Deno.readTextFile(join(root, file)).catch(() => "");
  if (isPage) return withoutCode(text);
  if (!WORDED.test(file)) return comments(text);
  return `${text.replaceAll(DATA, blank)}\n${basename(file).replaceAll("_", " ")}`;
}

const blank = (text: string) => text.replaceAll(/[^\n]/g, " ");

/** A page without its blocks of code, inline code and quoted names of tests. */
function withoutCode(text: string): string {
  return text
    .replaceAll(/^ *```[\s\S]*?^ *```$/gm, blank)
    .replaceAll(/^ *- `tests\/[^`]+`: .+(?:\n +(?![ -]).+)*/gm, blank)
    .replaceAll(/`[^`]+`/g, blank);
}

/** The comments of a source that stand on lines of their own, without what they quote. */
function comments(text: string): string {
  return text.split("\n")
    .map((line) => /^\s*(?:\/\/|\/?\*|--)/.test(line) ? line : blank(line))
    .join("\n")
    .replaceAll(/`[^`\n]+`|"[^"\n]+"/g, blank);
}
