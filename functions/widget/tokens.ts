import type { ErrorCode } from "../_shared/core/error_codes.ts";
import { ApiError } from "../_shared/core/errors.ts";
import { sha256Hex } from "../_shared/core/hash.ts";

/** Prefixes by which people and secret scanners recognize them. */
export type TokenPrefix = "wtk_" | "wvt_" | "wis_";

/** Creates an unguessable token: a prefix and 256 random bits in base64url. */
export function createToken(prefix: TokenPrefix): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return prefix + bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * The hash under which a token is stored.
 *
 * @returns SHA-256 in hexadecimal.
 * @throws {ApiError} 401 for a malformed token, which needs no lookup.
 */
export async function hashOfToken(token: string, prefix: TokenPrefix): Promise<string> {
  if (token.startsWith(prefix) && /^[A-Za-z0-9_-]{43}$/.test(token.slice(prefix.length))) {
    return await sha256Hex(token);
  }
  throw prefix === "wtk_"
    ? refusal("ticket_not_valid", "Cannot use the ticket: it is malformed. Fetch a new one.")
    : refusal(
      "visitor_token_not_valid",
      "Cannot identify the visitor: the token is malformed. Start a new session.",
    );
}

/**
 * The token of a request.
 *
 * @returns Its hash.
 * @throws {ApiError} 401 if there is none.
 */
export async function readVisitorToken(request: Request): Promise<string> {
  const header = request.headers.get("authorization") ?? "";
  const token = header.match(/^Bearer +([^\s,]+)$/i)?.[1];
  if (token) return await hashOfToken(token, "wvt_");
  throw refusal(
    "visitor_token_not_valid",
    'Cannot identify the visitor: send "Authorization: Bearer <token>" with the token of a session.',
  );
}

function refusal(code: ErrorCode, message: string): ApiError {
  return new ApiError(code, message, { headers: { "www-authenticate": "Bearer" } });
}
