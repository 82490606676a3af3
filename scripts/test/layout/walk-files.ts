import { join } from "node:path";

/** Every file under a folder, sorted by path; links are not followed. */
export async function walkFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) files.push(...await walkFiles(path));
    else if (entry.isFile) files.push(path);
  }
  return files.sort();
}
