import { join } from "node:path";

/** The path of the first of these programs that the PATH leads to, or null. */
export async function findProgram(...names: string[]): Promise<string | null> {
  for (const name of names) {
    for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
      const path = join(folder, name);
      const isFile = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
      if (isFile) return path;
    }
  }
  return null;
}
