import type postgres from "postgres";
import type { Keyring } from "../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey, type StoredKey } from "../../../functions/_shared/crypto/stored_key.ts";
import type { Expectations } from "./expectations.ts";

/** What was found at the end. */
export interface KeyCounts {
  rows: number;
  /** Keys that must be there and are not. */
  lost: number;
  /** Keys that do not open. */
  undecryptable: number;
  /** Keys that open to something else than what was stored last. */
  wrong: number;
  /** Keys that no client stored. */
  unknown: number;
}

/** Opens every key with the ring that is left, and compares it with what must be in it. */
export async function evaluateKeys(
  sql: postgres.Sql,
  keyring: Keyring,
  expectations: Expectations,
): Promise<KeyCounts> {
  const counts: KeyCounts = { rows: 0, lost: 0, undecryptable: 0, wrong: 0, unknown: 0 };
  const seen = new Set<string>();
  const rows = sql<StoredKey[]>`
    select id, user_id, vendor_id, encrypted_key from public.user_api_keys`;
  for await (const page of rows.cursor(1_000)) {
    await Promise.all(page.map(async (row) => {
      counts.rows++;
      seen.add(row.id);
      const secret = await keyring.decrypt(row.encrypted_key, bindingOfKey(row)).catch(() => null);
      const expected = expectations.keys.get(row.id);
      if (secret === null) counts.undecryptable++;
      else if (expected && !expected.possible.has(secret)) counts.wrong++;
      else if (!expected && !expectations.maybe.has(secret)) counts.unknown++;
    }));
  }
  for (const [id, { possible }] of expectations.keys) {
    if (!seen.has(id) && !possible.has(null)) counts.lost++;
  }
  return counts;
}
