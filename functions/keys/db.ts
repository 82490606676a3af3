import { asJson, type DataApi } from "../_shared/database.ts";
import { databaseError } from "../_shared/database_error.ts";
import type { KeyReport } from "../_shared/stored_key.ts";
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

/** The encrypted form of a key and what may be kept beside it. */
export interface EncryptedKey {
  encrypted_key: string;
  /** Its last four characters. */
  key_preview: string;
  /** Its keyed hash; the one to keep first, then those under older keys. */
  fingerprints: string[];
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
  /** What a key for a vendor's service must look like. */
  rules(userId: string, vendorId: string, serviceId: string | null): Promise<KeyRules>;
  /** The same for the key that takes the place of one; null where the vendor takes no more. */
  rulesForReplacing(
    userId: string,
    keyId: string,
  ): Promise<{ id: string; rules: KeyRules | null }>;
  create(userId: string, key: NewKey): Promise<VisibleKey>;
  replace(userId: string, keyId: string, key: EncryptedKey): Promise<VisibleKey>;
  change(userId: string, keyId: string, changes: KeyChanges): Promise<VisibleKey>;
  remove(userId: string, keyId: string): Promise<void>;
  /** Writes down that a key is opened, what for and by which request, and returns its ciphertext. */
  open(
    userId: string,
    keyId: string,
    purpose: "show" | "try",
    requestId: string,
  ): Promise<OpenedKey>;
  /** Notes what became of a key that was used. */
  report(report: KeyReport): Promise<void>;
}

/** The calls, made by a client with the secret key. */
export function keysDatabase(client: DataApi): KeysDatabase {
  return {
    async rules(userId, vendor_id, service_id) {
      const { data, error, status } = await client.rpc("get_key_rules", {
        caller: { user_id: userId },
        vendor_id,
        ...service_id !== null && { service_id },
      });
      if (error) throw databaseError(error, status);
      return rulesSchema.parse(data);
    },
    async rulesForReplacing(userId, key_id) {
      const caller = { user_id: userId };
      const { data, error, status } = await client.rpc("get_key_to_replace", { caller, key_id });
      if (error) throw databaseError(error, status);
      return keyToReplaceSchema.parse(data);
    },
    async create(userId, key) {
      const { data, error, status } = await client.rpc("create_api_key", {
        caller: { user_id: userId },
        key: asJson(key),
      });
      if (error) throw databaseError(error, status);
      return visibleKeySchema.parse(data);
    },
    async replace(userId, key_id, key) {
      const { data, error, status } = await client.rpc("replace_api_key", {
        caller: { user_id: userId },
        key_id,
        key: asJson(key),
      });
      if (error) throw databaseError(error, status);
      return visibleKeySchema.parse(data);
    },
    async change(userId, key_id, changes) {
      const { data, error, status } = await client.rpc("change_api_key", {
        caller: { user_id: userId },
        key_id,
        changes: asJson(changes),
      });
      if (error) throw databaseError(error, status);
      return visibleKeySchema.parse(data);
    },
    async remove(userId, key_id) {
      const caller = { user_id: userId };
      const { error, status } = await client.rpc("delete_api_key", { caller, key_id });
      if (error) throw databaseError(error, status);
    },
    async open(userId, key_id, purpose, request_id) {
      const { data, error, status } = await client.rpc("open_api_key", {
        caller: { user_id: userId },
        key_id,
        purpose,
        request_id,
      });
      if (error) throw databaseError(error, status);
      return openedKeySchema.parse(data);
    },
    async report(report) {
      const { error, status } = await client.rpc("report_api_keys", { reports: asJson([report]) });
      if (error) throw databaseError(error, status);
    },
  };
}
