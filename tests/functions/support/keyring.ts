import { createKeyring, type Keyring } from "../../../functions/_shared/crypto/envelope.ts";

/** A value of KEY_ENCRYPTION_KEYS with random keys of these ids; the first is the active one. */
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

/** A keyring with one random key. */
export const someKeyring = (): Keyring => createKeyring(keyringVariable("k1"));
