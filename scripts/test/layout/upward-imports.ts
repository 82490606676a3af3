import { dirname, join, relative } from "node:path/posix";
import { walkFiles } from "./walk-files.ts";

/** The rooms of `functions/_shared`. A room imports from itself and from the rooms before it. */
const ROOMS: readonly string[] = [
  "core",
  "http",
  "auth",
  "crypto",
  "database",
  "redis",
  "rate_limit",
  "net",
  "gateway",
];

/**
 * Imports within `functions/` that do not point down: from a room to a later one, from a function to
 * another function, from shared code to a function, and files of `_shared` that lie in no room.
 */
export async function findUpwardImports(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const path of await walkFiles(join(root, "functions"))) {
    const file = relative(root, path);
    if (!file.endsWith(".ts")) continue;
    if (placeOf(file) === undefined) problems.push(`${file} lies in no room of functions/_shared`);
    for (const [, target] of (await Deno.readTextFile(path)).matchAll(/from "(\.[^"]+)"/g)) {
      const imported = join(dirname(file), target ?? "");
      if (!pointsDown(file, imported)) problems.push(`${file} imports ${imported}`);
    }
  }
  return problems;
}

/** A room's number, a function's name, or undefined for a file outside of both. */
function placeOf(file: string): number | string | undefined {
  const [folder, name, room] = file.split("/");
  if (folder !== "functions") return undefined;
  if (name !== "_shared") return name;
  const floor = ROOMS.indexOf(room ?? "");
  return floor < 0 ? undefined : floor;
}

function pointsDown(file: string, imported: string): boolean {
  const [from, to] = [placeOf(file), placeOf(imported)];
  if (typeof from === "string") return from === to || typeof to === "number";
  return typeof from === "number" && typeof to === "number" && to <= from;
}
