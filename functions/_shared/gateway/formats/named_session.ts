import { invalidField } from "../../http/parse_body.ts";

/**
 * The session that a request names in its header `x-session-id`; null for none.
 *
 * @throws {ApiError} 400 for a name that is too long.
 */
export function namedSession(headers: Headers): string | null {
  const sessionId = headers.get("x-session-id") || null;
  if (sessionId && sessionId.length > 255) {
    throw invalidField("x-session-id", "invalid_value", "it is longer than 255 characters");
  }
  return sessionId;
}
