import type { Sql } from "postgres";
import type { Keyring } from "../../../../functions/_shared/crypto/envelope.ts";
import type { Recognised } from "../design/recognise.ts";
import { findPlainKeys, sealKeys } from "./seal-keys.ts";
import { sealTokens } from "./seal-tokens.ts";

/**
 * Encrypts tokens and keys that a source stores in plain text, with the keyring of the functions.
 *
 * @param keyring Null if it is not available.
 * @returns lines that report the results, without secrets.
 */
export async function sealSecrets(
  sql: Sql,
  recognised: Recognised,
  keyring: Keyring | null,
): Promise<string[]> {
  const lines: string[] = [];
  const sessions = recognised.tables.find(({ mapping, source }) =>
    mapping.into === "mcp_sessions" && !mapping.same &&
    source.columns.some(({ name }) => name === "oauth_data" || name === "tokens")
  );
  if (sessions !== undefined && keyring !== null) {
    const sealed = await sealTokens(sql, sessions, keyring);
    if (sealed > 0) lines.push(`  OAuth tokens of ${sealed} sessions are stored encrypted.`);
  }
  const keys = await findPlainKeys(sql, recognised);
  if (keys === null) return lines;
  const { sealed, held } = await sealKeys(sql, recognised, keys, keyring);
  if (sealed > 0) lines.push(`  ${sealed} vendor keys of ${keys.name} are stored encrypted.`);
  if (held > 0) lines.push(`  ${held} vendor keys of ${keys.name} wait in the quarantine.`);
  return lines;
}
