import { asJson } from "../_shared/database/client.ts";
import { NOTHING, type SqlCaller } from "../_shared/database/sql_caller.ts";
import type { KeyReport } from "../_shared/crypto/stored_key.ts";
import {
  type KeyChanges,
  type KeyRules,
  keyToReplaceSchema,
  type OpenedKey,
  openedKeySchema,
  rulesSchema,
  type VisibleKey,
  visibleKeySchema,
} from "./schema.ts";

/** The encrypted form of a key, with what is stored in clear. */
export interface EncryptedKey {
  encrypted_key: string;
  /** Its last four characters. */
  key_preview: string;
  /** Its keyed hashes: the one to store first, then those under older keys. */
  fingerprints: string[];
  /** Absent to keep those of the stored key. */
  settings?: Record<string, string>;
}

/** A key to be stored. */
export interface NewKey extends EncryptedKey {
  id: string;
  vendor_id: string;
  service_id: string | null;
  organization_id: string | null;
  display_name: string | null;
}

/** The database calls of the keys function that act for a person. */
export interface KeysDatabase {
  /** The required format of keys for a vendor's service. */
  rules(userId: string, vendorId: string, serviceId: string | null): Promise<KeyRules>;
  /** The same for a key that replaces another; null if the vendor no longer accepts keys. */
  rulesForReplacing(
    userId: string,
    keyId: string,
  ): Promise<{ id: string; settings: Record<string, string>; rules: KeyRules | null }>;
  create(userId: string, key: NewKey): Promise<VisibleKey>;
  replace(userId: string, keyId: string, key: EncryptedKey): Promise<VisibleKey>;
  change(userId: string, keyId: string, changes: KeyChanges): Promise<VisibleKey>;
  remove(userId: string, keyId: string): Promise<void>;
  /** Records that a key is decrypted, with purpose and request id, and returns its ciphertext. */
  open(
    userId: string,
    keyId: string,
    purpose: "show" | "try",
    requestId: string,
  ): Promise<OpenedKey>;
  /** Records the outcome of using a key. */
  report(report: KeyReport): Promise<void>;
}

/** The calls. */
export function keysDatabase(call: SqlCaller): KeysDatabase {
  return {
    rules: (userId, vendor_id, service_id) =>
      call("get_key_rules", {
        caller: { user_id: userId },
        vendor_id,
        ...service_id !== null && { service_id },
      }, rulesSchema),
    rulesForReplacing: (userId, key_id) =>
      call("get_key_to_replace", { caller: { user_id: userId }, key_id }, keyToReplaceSchema),
    create: (userId, key) =>
      call("create_api_key", { caller: { user_id: userId }, key: asJson(key) }, visibleKeySchema),
    replace: (userId, key_id, key) =>
      call("replace_api_key", {
        caller: { user_id: userId },
        key_id,
        key: asJson(key),
      }, visibleKeySchema),
    change: (userId, key_id, changes) =>
      call("change_api_key", {
        caller: { user_id: userId },
        key_id,
        changes: asJson(changes),
      }, visibleKeySchema),
    remove: (userId, key_id) =>
      call("delete_api_key", { caller: { user_id: userId }, key_id }, NOTHING),
    open: (userId, key_id, purpose, request_id) =>
      call("open_api_key", {
        caller: { user_id: userId },
        key_id,
        purpose,
        request_id,
      }, openedKeySchema),
    report: (report) => call("report_api_keys", { reports: asJson([report]) }, NOTHING),
  };
}
