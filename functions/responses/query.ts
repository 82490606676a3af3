import { z } from "zod";
import { parseBody } from "../_shared/http/parse_body.ts";

const pagingSchema = z.object({
  order: z.enum(["asc", "desc"]).default("desc"),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  after: z.string().max(255).optional(),
});

const resumptionSchema = z.object({
  stream: z.enum(["true", "false"]).default("false"),
  starting_after: z.coerce.number().int().min(0).max(2_147_483_647).optional(),
});

/** The requested page of input items. */
export type ItemPaging = z.infer<typeof pagingSchema>;

/**
 * Parses the requested page.
 *
 * @throws {ApiError} 400 that names the parameter at fault.
 */
export function readPaging(query: URLSearchParams): ItemPaging {
  return parseBody(pagingSchema, Object.fromEntries(query));
}

/**
 * Parses whether the events of a response are requested, and after which one.
 *
 * @throws {ApiError} 400 that names the parameter at fault.
 */
export function readResumption(query: URLSearchParams): { stream: boolean; after: number } {
  const { stream, starting_after } = parseBody(resumptionSchema, Object.fromEntries(query));
  return { stream: stream === "true", after: starting_after ?? -1 };
}
