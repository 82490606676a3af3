import { type Keyring, requireKeyring } from "../_shared/crypto/envelope.ts";
import { ApiError } from "../_shared/core/errors.ts";
import type { StoredSecret } from "./db.ts";
import type { Identity } from "./schema.ts";

/** The longest validity of an identity, in milliseconds, with a minute for clock differences. */
const MAX_AHEAD_MS = 24 * 60 * 60_000 + 60_000;

/** The dependencies of {@linkcode verifyIdentity}. */
export interface IdentityDeps {
  /** null if the operator has set no keys. */
  keyring: Pick<Keyring, "decrypt"> | null;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** The binding (AAD) of a secret. */
export function bindingOfSecret({ id, widget_id }: Pick<StoredSecret, "id" | "widget_id">) {
  return { table: "widget_secrets", row: id, owner: widget_id, scope: "encrypted_secret" };
}

/**
 * Verifies the identity of a visitor with one of the widget's secrets. Its signature expires, so
 * that a copied one is useless the next day.
 *
 * @returns The website's id of the user.
 * @throws {ApiError} 401 `identity_not_valid`; 503 `keys_not_configured`.
 */
export async function verifyIdentity(
  { user_id, expires_at, signature }: Identity,
  secrets: readonly StoredSecret[],
  { keyring, now }: IdentityDeps,
): Promise<string> {
  const ahead = expires_at * 1000 - now();
  if (ahead <= 0) throw refusal("it has expired");
  if (ahead > MAX_AHEAD_MS) throw refusal("it expires more than a day ahead");
  const { decrypt } = requireKeyring(keyring, "Cannot verify the visitor's identity");
  const text = new TextEncoder().encode(`${user_id}.${expires_at}`);
  for (const stored of secrets) {
    const secret = await decrypt(stored.encrypted_secret, bindingOfSecret(stored));
    const key = await crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode(secret),
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["verify"],
    );
    if (await crypto.subtle.verify("HMAC", key, Uint8Array.fromHex(signature), text)) {
      return user_id;
    }
  }
  throw refusal("the signature does not match");
}

function refusal(reason: string): ApiError {
  return new ApiError(
    "identity_not_valid",
    `Cannot accept the visitor's identity: ${reason}. Have the website's server sign it again.`,
    { param: "identity" },
  );
}
