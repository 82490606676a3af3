import { ACCESS_KEY_PREFIX } from "./access_key_prefix.ts";
import { bearerToken } from "./person.ts";
import { ApiError } from "../core/errors.ts";
import { sha256Hex } from "../core/hash.ts";

/** A secret of an access key, and the values that are stored for it. */
export interface AccessKeySecret {
  /** `agb_` and 256 random bits in base64url. Shown once, kept nowhere. */
  secret: string;
  /** SHA-256 of the secret in hexadecimal. */
  token_hash: string;
  /** Its beginning and end, by which its owner recognizes it. */
  prefix: string;
  last_four: string;
}

/** 32 bytes are 43 characters; of the last one's six bits only four are used. */
const FORM = new RegExp(`^${ACCESS_KEY_PREFIX}[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$`);

/** Makes a secret. */
export async function createAccessKeySecret(): Promise<AccessKeySecret> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = bytes.toBase64({ alphabet: "base64url", omitPadding: true });
  const secret = ACCESS_KEY_PREFIX + text;
  return {
    secret,
    token_hash: await sha256Hex(secret),
    prefix: secret.slice(0, 8),
    last_four: secret.slice(-4),
  };
}

/**
 * Reads the access key of a request.
 *
 * @returns SHA-256 of its secret in hexadecimal; null if the request has another credential.
 * @throws {ApiError} 401 `invalid_api_key` for a malformed key, which needs no lookup.
 */
export async function readAccessKey(request: Request): Promise<string | null> {
  const token = bearerToken(request);
  if (!token.startsWith(ACCESS_KEY_PREFIX)) return null;
  if (FORM.test(token)) return await sha256Hex(token);
  throw new ApiError(
    "invalid_api_key",
    "Cannot identify the caller by access key: it is malformed. Copy it again, or create a new one.",
    { headers: { "www-authenticate": "Bearer" } },
  );
}
