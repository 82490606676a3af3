import type { Binding, UndecryptableError } from "./envelope.ts";

/** A user's vendor key as the database keeps it. */
export interface StoredKey {
  id: string;
  user_id: string;
  vendor_id: string;
  encrypted_key: string;
  /** What fills the placeholders of the vendor's address: the owner's, never the operator's. */
  settings?: Record<string, string> | undefined;
}

/** The binding (AAD) of a vendor key: it decrypts only for this row, owner and vendor. */
export function bindingOfKey(
  { id, user_id, vendor_id }: Omit<StoredKey, "encrypted_key" | "settings">,
): Binding {
  return { table: "user_api_keys", row: id, owner: user_id, scope: vendor_id };
}

/**
 * What fingerprints are compared among, so that a value is only ever recognized beside others of the
 * same kind and owner.
 */
export function fingerprintLabel({ table, owner, scope }: Omit<Binding, "row">): string {
  return [table, owner, scope].join("/");
}

/** What became of a key that was used: an argument of `report_api_keys`. */
export interface KeyReport {
  id: string;
  /** Identifies the version of the key: a report about an older ciphertext is ignored. */
  encrypted_key: string;
  /**
   * - `worked`: its vendor took it.
   * - `used`: it was sent, and nothing is known of it.
   * - `failed`: it could not be used this time.
   * - `out_of_credit`: its account at the vendor has nothing left, which its owner is told once.
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

/** What is reported of a key that does not open: where only our key is missing, it is not broken. */
export function reportOfUndecryptable(
  { keyIsMissing }: UndecryptableError,
): Pick<KeyReport, "event" | "problem"> {
  const event = keyIsMissing ? "failed" : "undecryptable";
  return { event, problem: "It cannot be decrypted." };
}
