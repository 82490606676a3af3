import { join } from "node:path";

/** The folder for files that can be downloaded again. */
export function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
}
