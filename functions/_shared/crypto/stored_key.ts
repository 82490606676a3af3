import type { Binding, UndecryptableError } from "./envelope.ts";

/** A user's vendor key as the database keeps it. */
export interface StoredKey {
  id: string;
  user_id: string;
  vendor_id: string;
  encrypted_key: string;
  /** Values for the placeholders in the vendor's URL: the owner's, never the operator's. */
  settings?: Record<string, string> | undefined;
}

/** The binding (AAD) of a vendor key: it decrypts only for this row, owner and vendor. */
export function bindingOfKey(
  { id, user_id, vendor_id }: Omit<StoredKey, "encrypted_key" | "settings">,
): Binding {
  return { table: "user_api_keys", row: id, owner: user_id, scope: vendor_id };
}

/** The set within which fingerprints are compared: values of the same kind and owner. */
export function fingerprintLabel({ table, owner, scope }: Omit<Binding, "row">): string {
  return [table, owner, scope].join("/");
}

/** The outcome of using a key: an argument of `report_api_keys`. */
export interface KeyReport {
  id: string;
  /** Identifies the version of the key: a report about an older ciphertext is ignored. */
  encrypted_key: string;
  /**
   * - `worked`: its vendor accepted it.
   * - `used`: it was sent, and the outcome is not known.
   * - `failed`: it could not be used this time.
   * - `out_of_credit`: its account at the vendor has no credit left; its owner is notified once.
   * - `rejected`, `undecryptable`: it is out of use until its owner does something.
   */
  event: "worked" | "used" | "failed" | "out_of_credit" | "rejected" | "undecryptable";
  /** Why, for its owner; null where there is nothing to say. */
  problem: string | null;
}

/** The message to the owner of a key that its vendor rejected. */
export const REJECTED = "The vendor rejects it.";

/** The message to the owner of a key whose account has no credit left. */
export const OUT_OF_CREDIT = "Its account at the vendor has no credit or quota left.";

/**
 * The report about a key that cannot be decrypted: `failed`, not `undecryptable`, if only the
 * keyring lacks a key.
 */
export function reportOfUndecryptable(
  { keyIsMissing }: UndecryptableError,
): Pick<KeyReport, "event" | "problem"> {
  const event = keyIsMissing ? "failed" : "undecryptable";
  return { event, problem: "It cannot be decrypted." };
}
