import { createKeyring, type Keyring } from "../../../functions/_shared/crypto/envelope.ts";

/** The value of KEY_ENCRYPTION_KEYS with keys of these names, made up; the first is the active one. */
export function keyringVariable(...ids: string[]): string {
  const keys = ids.map((id) => [id, crypto.getRandomValues(new Uint8Array(32)).toBase64()]);
  return JSON.stringify({ active: ids[0], keys: Object.fromEntries(keys) });
}

/** The same keys with another one active. */
export function withActive(variable: string, active: string, without?: string): string {
  const { keys } = JSON.parse(variable);
  if (without) delete keys[without];
  return JSON.stringify({ active, keys });
}

/** A keyring with one key that was made up. */
export const someKeyring = (): Keyring => createKeyring(keyringVariable("k1"));
