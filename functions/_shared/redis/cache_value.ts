import { parseJson } from "../core/json.ts";
import type { z } from "zod";

/**
 * Reads JSON that came out of a cache. What is not of the expected shape counts as not there: a cache
 * may hold what an older version, or another program, put into it.
 */
export function parseCached<Value>(schema: z.ZodType<Value>, cached: unknown): Value | null {
  if (typeof cached !== "string") return null;
  return schema.safeParse(parseJson(cached)).data ?? null;
}
