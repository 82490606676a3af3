import { parseJson } from "../core/json.ts";
import type { z } from "zod";

/**
 * Parses JSON from a cache. A value of an unexpected shape counts as missing: an older version, or
 * another program, may have written it.
 */
export function parseCached<Value>(schema: z.ZodType<Value>, cached: unknown): Value | null {
  if (typeof cached !== "string") return null;
  return schema.safeParse(parseJson(cached)).data ?? null;
}
