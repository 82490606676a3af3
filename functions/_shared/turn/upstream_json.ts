import type { z } from "zod";
import { invalidAnswer, reportedError } from "./upstream_error.ts";

/**
 * Reads what an upstream sent as JSON. A status of 200 says little: an error may stand in it, or the
 * page of a proxy.
 *
 * @param what What it should be, for the log.
 * @param secret The credential that was used, to be struck from anything that is repeated.
 * @param isError Whether it was announced as an error, whatever it says.
 * @throws {ApiError} 502 for what reports an error or has another shape.
 */
export function readUpstreamJson<Value>(
  text: string,
  what: string,
  schema: z.ZodType<Value>,
  secret: string,
  isError = false,
): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidAnswer(`${what}: not JSON`);
  }
  if (typeof json !== "object" || json === null) throw invalidAnswer(`${what}: not an object`);
  const error: unknown = Reflect.get(json, "error");
  if (error || isError) throw reportedError(error || json, secret);
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw invalidAnswer(`${what}: not of its shape`);
  return parsed.data;
}
