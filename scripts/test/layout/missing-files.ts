import { join } from "node:path/posix";
import { projectFiles } from "./project-files.ts";

/** Tells of the past; written from comments. */
const excepted = ["CHANGELOG.md", "docs/data-dictionary.md"];

/** A path from the root of the project, as inline code holds it. */
const path = /`((?:functions|migrations|scripts|tests|docs|supabase)\/[\w./-]*\w\/?)`/g;

/** Files and folders that a page names in inline code and that do not exist. */
export async function findMissingFiles(root: string): Promise<string[]> {
  const files = await projectFiles(root);
  const problems: string[] = [];
  for (const page of files.filter((file) => file.endsWith(".md") && !excepted.includes(file))) {
    for (const [, named = ""] of (await Deno.readTextFile(join(root, page))).matchAll(path)) {
      const exists = files.some((file) =>
        file === named || file.startsWith(`${named.replace(/\/$/, "")}/`)
      );
      if (!exists) problems.push(`${page} names "${named}", which does not exist`);
    }
  }
  return problems;
}
