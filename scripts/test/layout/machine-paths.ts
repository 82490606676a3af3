import { join } from "node:path";
import { projectFiles } from "./project-files.ts";

/** Home and work folders of a developer's machine, and the registries that it installs from. */
const traces = [
  /(?<![\w.])\/(?:root|work|Users\/\w+|home\/\w+)\//,
  /[A-Z]:\\Users\\/,
  /"resolved"\s*:\s*"https?:/,
];

/** Lines of the project's files that name the machine they were written on. */
export async function findMachinePaths(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const file of await projectFiles(root)) {
    const text = await readIfText(join(root, file));
    text.split("\n").forEach((line, index) => {
      if (traces.some((trace) => trace.test(line))) {
        problems.push(`${file}:${index + 1}: ${line.trim().slice(0, 120)}`);
      }
    });
  }
  return problems;
}

/** The text of a file; empty for what is gone, a link to a folder, or binary. */
async function readIfText(path: string): Promise<string> {
  const status = await Deno.lstat(path).catch(() => null);
  if (status === null || !status.isFile) return "";
  const text = await Deno.readTextFile(path);
  return text.includes("\0") ? "" : text;
}
