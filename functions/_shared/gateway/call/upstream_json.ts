import type { z } from "zod";
import { readUsage } from "../quirks/usage_shapes.ts";
import {
  type CalledWith,
  invalidAnswer,
  reportedError,
  type UpstreamError,
} from "./upstream_error.ts";

/**
 * Parses what an upstream sent, which a status of 200 and a content type say little about.
 *
 * @param what What it should be, for the log.
 * @throws {ApiError} 502 for what is no JSON object.
 */
export function parseUpstreamJson(text: string, what: string): object {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidAnswer(`${what}: not JSON`);
  }
  if (typeof json !== "object" || json === null) throw invalidAnswer(`${what}: not an object`);
  return json;
}

/** The error that a vendor reports where an answer should be; null where it reports none. */
export function errorIn(
  json: object,
  target: CalledWith,
): UpstreamError | null {
  const error: unknown = Reflect.get(json, "error");
  return error ? reportedError(error, target, readUsage(Reflect.get(json, "usage"))?.usage) : null;
}

/**
 * Reads an upstream's answer that came in one piece.
 *
 * @param what What it should be, for the log.
 * @throws {ApiError} 502 for one of another shape; what it says for one that reports an error.
 */
export function readUpstreamJson<Value>(
  text: string,
  what: string,
  schema: z.ZodType<Value>,
  target: CalledWith,
): Value {
  const json = parseUpstreamJson(text, what);
  const error = errorIn(json, target);
  if (error) throw error;
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const invalid = invalidAnswer(`${what}: not of its shape`);
  invalid.usage = readUsage(Reflect.get(json, "usage"))?.usage ?? null;
  throw invalid;
}
