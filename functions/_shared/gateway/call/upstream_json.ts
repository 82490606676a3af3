import type { z } from "zod";
import { parseLenient } from "../quirks/loose_json.ts";
import { errorReported } from "../quirks/reported_errors.ts";
import { measureIn } from "../quirks/usage_shapes.ts";
import {
  type CalledWith,
  invalidAnswer,
  reportedError,
  unknownShape,
  type UpstreamError,
} from "./upstream_error.ts";

/**
 * Parses an upstream's answer, whose status and content type are not reliable.
 *
 * @param what Its expected type, for the log.
 * @throws {ApiError} 502 if it is not a JSON object.
 */
export function parseUpstreamJson(text: string, what: string): object {
  let json: unknown;
  try {
    json = parseLenient(text);
  } catch {
    throw invalidAnswer(`${what}: not JSON`);
  }
  if (typeof json !== "object" || json === null) throw unknownShape(`${what}: not an object`);
  return json;
}

/** The error that a vendor reports in place of an answer; null for none. */
export function errorIn(
  json: object,
  target: CalledWith,
): UpstreamError | null {
  const error = errorReported(json);
  return error ? reportedError(error, target, measureIn(json)?.usage) : null;
}

/**
 * Reads an upstream's answer that came in one piece.
 *
 * @param what Its expected type, for the log.
 * @throws {ApiError} 502 for another shape; the reported error for one that reports an error.
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
  throw unknownShape(`${what}: not of its shape`, measureIn(json)?.usage);
}
