import { join } from "node:path/posix";
import { projectFiles } from "./project-files.ts";

/** A page about the past, and one that is generated from comments. */
const excepted = ["CHANGELOG.md", "docs/data-dictionary.md"];

/** A path from the root of the project, as inline code holds it. */
const path = /`((?:functions|migrations|scripts|tests|docs|supabase)\/[\w./-]*\w\/?)`/g;

/** A page of the documentation, as comments name it. */
const pageInComment = /\b(docs\/[\w./-]+\.md)\b/g;

/** Files and folders that pages, and comments of migrations and functions, name and that do not exist. */
export async function findMissingFiles(root: string): Promise<string[]> {
  const files = await projectFiles(root);
  const problems: string[] = [];
  for (const page of files.filter((file) => namesFiles(file) && !excepted.includes(file))) {
    const text = await Deno.readTextFile(join(root, page));
    const found = page.endsWith(".md")
      ? text.matchAll(path)
      : [...commentsOf(text).matchAll(path), ...commentsOf(text).matchAll(pageInComment)];
    for (const [, named = ""] of found) {
      const exists = files.some((file) =>
        file === named || file.startsWith(`${named.replace(/\/$/, "")}/`)
      );
      if (!exists) problems.push(`${page} names "${named}", which does not exist`);
    }
  }
  return problems;
}

function namesFiles(file: string): boolean {
  return file.endsWith(".md") || /^(?:migrations\/.*\.sql|functions\/.*\.ts)$/.test(file);
}

/** The lines of a source that are comments. */
function commentsOf(text: string): string {
  return text.split("\n").filter((line) => /^\s*(?:--|\/\/|\/?\*)/.test(line)).join("\n");
}
