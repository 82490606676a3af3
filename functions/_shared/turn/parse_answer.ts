import type { Target } from "./target.ts";
import { invalidAnswer, reportedError } from "./upstream_error.ts";

/**
 * Parses an upstream's answer that came in one piece.
 *
 * @param text The body of the answer.
 * @throws {ApiError} 502 for a body that is not JSON; what it says for one that reports an error.
 */
export function parseAnswer(text: string, target: Pick<Target, "secret" | "ownKey">): unknown {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw invalidAnswer("the answer is not JSON");
  }
  const error: unknown = typeof json === "object" && json !== null && Reflect.get(json, "error");
  if (error) throw reportedError(error, target);
  return json;
}
