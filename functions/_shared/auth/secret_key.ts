import type { ErrorCode } from "../core/error_codes.ts";
import { ApiError } from "../core/errors.ts";

/** Whether a request carries a secret key. */
export interface SecretKeys {
  /**
   * Identifies the secret key in the header `apikey`.
   *
   * @returns The key's name; null when there is no such header.
   * @throws {ApiError} 401 for an unknown key: a caller with a wrong secret key is refused, not
   * treated as anonymous.
   */
  nameOf(request: Request): Promise<string | null>;
  /**
   * Requires a secret key with one of these names.
   *
   * @throws {ApiError} 401 without a key or with an unknown one, 403 with a key of another name.
   */
  demand(request: Request, names: readonly string[]): Promise<void>;
}

/**
 * Makes the check of secret keys. Keys are compared by an HMAC under a random key, so that the time
 * does not depend on how much of a guess is correct.
 */
export function createSecretKeys(keys: ReadonlyMap<string, string>): SecretKeys {
  const codeKey = crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);

  async function codeOf(text: string): Promise<string> {
    const bytes = new TextEncoder().encode(text);
    return new Uint8Array(await crypto.subtle.sign("HMAC", await codeKey, bytes)).toHex();
  }

  async function nameOf(request: Request): Promise<string | null> {
    const given = request.headers.get("apikey");
    // Pages send the project's publishable key with every request; it does not identify a caller.
    if (given === null || given === "" || given.startsWith("sb_publishable_")) return null;
    const code = await codeOf(given);
    for (const [name, key] of keys) {
      if (await codeOf(key) === code) return name;
    }
    throw refusal("invalid_secret_key", "it is not a secret key of this project");
  }

  return {
    nameOf,
    async demand(request, names) {
      const name = await nameOf(request);
      if (name === null) throw refusal("missing_secret_key", "the header apikey is missing");
      if (!names.includes(name)) {
        throw refusal("secret_key_not_allowed", "this key is not accepted here");
      }
    },
  };
}

function refusal(code: ErrorCode, reason: string): ApiError {
  return new ApiError(
    code,
    `Cannot accept the call by its secret key: ${reason}. Send "apikey: <secret key>" with a secret key that this path accepts.`,
  );
}
