import { createKeyring, type Keyring } from "../../../../functions/_shared/crypto/envelope.ts";
import { ensureSecrets } from "../../../stack/folder/secrets.ts";
import { readSettings } from "../../../stack/folder/settings.ts";

/**
 * The keyring of the functions: KEY_ENCRYPTION_KEYS, else that of the local stack if the command
 * uses its database; null if neither is available.
 *
 * @throws {ApiError} if KEY_ENCRYPTION_KEYS is invalid; the message contains no value.
 */
export async function readKeyring(environment: Record<string, string>): Promise<Keyring | null> {
  if (environment.KEY_ENCRYPTION_KEYS) return createKeyring(environment.KEY_ENCRYPTION_KEYS);
  if (environment.DB_URL) return null;
  const { keyEncryptionKeys } = await ensureSecrets(readSettings(environment).folder, "");
  return createKeyring(keyEncryptionKeys);
}
