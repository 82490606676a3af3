import { join } from "node:path";

/** The path of a command that npm installed for this project. */
export function toolPath(root: string, name: "deno" | "squawk" | "supabase"): string {
  return join(root, "node_modules", ".bin", name);
}
