import { dirname, join } from "node:path";

/** Finds what is wrong in a project of these files; a value that starts with "->" makes a link. */
export async function findIn(
  find: (root: string) => Promise<string[]>,
  files: Record<string, string>,
): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      if (text.startsWith("->")) await Deno.symlink(text.slice(2), join(root, path));
      else await Deno.writeTextFile(join(root, path), text);
    }
    return await find(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
