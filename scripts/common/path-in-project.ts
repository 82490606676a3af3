import { join } from "node:path";

const root = join(import.meta.dirname ?? ".", "..", "..");

/** The path of a file or folder of this project, given as it reads at its root; "." is the root. */
export function pathInProject(path: string): string {
  return join(root, path);
}
