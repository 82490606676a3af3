import { join } from "node:path";

/** Where programs keep what they can get again. */
export function cacheFolder(): string {
  return Deno.env.get("XDG_CACHE_HOME") ?? join(Deno.env.get("HOME") ?? "/tmp", ".cache");
}
