import postgres, { type Sql } from "postgres";
import type { Keyring } from "../../../../functions/_shared/crypto/envelope.ts";
import { bindingOfKey, fingerprintLabel } from "../../../../functions/_shared/crypto/stored_key.ts";
import { findColumn, quoteName, quoteText, renderExpression } from "../design/expression.ts";
import type { Recognised } from "../design/recognise.ts";
import { readTables, type Table } from "../source/describe.ts";
import { patient, withRetries } from "../apply/with-retries.ts";

const tableNames = ["user_api_keys", "api_keys", "vendor_keys", "provider_keys"];
const person = "user_id|profile_id|owner_id";
const vendor = "vendor_id|vendor|provider|service";
const plainKey = "api_key|key|key_value|secret";

interface KeyRow {
  id: string;
  user_id: string | null;
  vendor_id: string | null;
  key: string | null;
  name: string | null;
}

/** The number of vendor keys of a source by result. */
export interface SealedKeys {
  sealed: number;
  held: number;
}

/** The table of a source with vendor keys in plain text; null if there is none. */
export async function findPlainKeys(
  sql: Sql,
  { schema, tables }: Recognised,
): Promise<Table | null> {
  const found = (await readTables(sql, schema)).find(({ name, columns, key }) =>
    tableNames.includes(name) && key.length > 0 &&
    [person, vendor, plainKey].every((names) => findColumn(names, columns) !== null)
  );
  return found === undefined || tables.some(({ source }) => source.name === found.name)
    ? null
    : found;
}

/**
 * Encrypts vendor keys that the source stores in plain text, each bound to its row, person and
 * vendor. Keys that cannot be imported go to the quarantine, without their value; the next run
 * retries them.
 *
 * @param keyring Null if the keyring of the functions is not available: all keys go to the
 * quarantine.
 */
export async function sealKeys(
  sql: Sql,
  recognised: Recognised,
  table: Table,
  keyring: Keyring | null,
): Promise<SealedKeys> {
  const { schema, designs } = recognised;
  await sql`
    delete from agentbase_import.quarantine where source = ${schema} and mapping = ${table.name}`;
  const labels = Object.assign({}, ...designs.map((design) => design.labels));
  const scope = { alias: "source", columns: table.columns, labels, timezone: "UTC", schema };
  const render = (expression: string) => renderExpression(expression, scope);
  const key = table.key.map((name) => `source.${quoteName(name)}`).join(", ");
  const rows = await sql.unsafe<KeyRow[]>(`
    select agentbase_import.to_uuid('user_api_keys', concat_ws(':', ${key}))::text as id,
      profiles.id::text as user_id, vendors.id as vendor_id,
      nullif(btrim(${render(`{${plainKey}:text}`)}), '') as key,
      agentbase_import.label(${render("{display_name|name|label:text}")}) as name
    from ${quoteName(schema)}.${quoteName(table.name)} source
    left join public.profiles on profiles.id = ${render(`{${person}:uuid(profiles)}`)}
    left join public.vendors on vendors.id =
      agentbase_import.named({@vendors}, ${render(`{${vendor}:text}`)})
    where not exists (
      select from public.user_api_keys there
      where there.id = agentbase_import.to_uuid('user_api_keys', concat_ws(':', ${key}))
    )
    order by 1`.replaceAll("{@vendors}", quoteText(JSON.stringify(labels.vendors ?? {}))));
  const result = { sealed: 0, held: 0 };
  for (const row of rows) {
    const problem = problemOf(row, keyring) ?? await storeKey(sql, schema, row, keyring);
    if (problem === null) {
      result.sealed++;
      continue;
    }
    result.held++;
    const { key: _, ...shown } = row;
    await sql`
      insert into agentbase_import.quarantine (source, mapping, n, key, row, reason)
      values (
        ${schema}, ${table.name}, 0, ${sql.json({ id: row.id })}, ${sql.json(shown)}, ${problem}
      )`;
  }
  return result;
}

function problemOf({ user_id, vendor_id, key }: KeyRow, keyring: Keyring | null): string | null {
  if (user_id === null) return "its person has no account in auth.users";
  if (vendor_id === null) {
    return 'the vendor is not in vendors: add it with add_vendor(), or map it in the file of --mapping: {"labels": {"vendors": {"its vendor": "openai"}}}';
  }
  if (key === null) return "it has no key";
  if (keyring !== null) return null;
  return "its key must be encrypted: run --apply again with KEY_ENCRYPTION_KEYS, as the functions have it";
}

/** Stores an encrypted key. Returns the reason if the database refuses it. */
async function storeKey(
  sql: Sql,
  source: string,
  { id, user_id, vendor_id, key, name }: KeyRow,
  keyring: Keyring | null,
): Promise<string | null> {
  if (keyring === null || user_id === null || vendor_id === null || key === null) return null;
  const binding = bindingOfKey({ id, user_id, vendor_id });
  const encrypted = await keyring.encrypt(key, binding);
  const fingerprint = await keyring.fingerprint(key, fingerprintLabel(binding));
  try {
    await withRetries(sql, patient, async (transaction) => {
      await transaction`
        insert into public.user_api_keys (
          id, user_id, vendor_id, display_name, encrypted_key, key_preview, key_fingerprint
        )
        values (
          ${id}, ${user_id}, ${vendor_id}, ${name}, ${encrypted}, ${key.slice(-4)}, ${fingerprint}
        )`;
      await transaction`
        insert into agentbase_import.sealed_keys (source, key_id) values (${source}, ${id})
        on conflict do nothing`;
    });
    return null;
  } catch (error) {
    if (error instanceof postgres.PostgresError && /^(22|23|PT4)/.test(error.code)) {
      return error.message;
    }
    throw error;
  }
}
