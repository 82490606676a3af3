import { fileURLToPath } from "node:url";

/** The path of a file given relative to `scripts/stack/`. */
export function pathFromHere(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
