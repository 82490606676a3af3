import type { Sql, TransactionSql } from "postgres";
import { CommandError } from "../../../common/command-error.ts";
import { copyInto } from "../../../common/copy-into.ts";
import { endCopy } from "../../../common/end-copy.ts";
import { quoteName } from "../design/expression.ts";
import { readTables, readViews, type Table } from "./describe.ts";
import { mergeRows } from "./merge-rows.ts";

/** The options of {@link stageTables}. */
export interface StageOptions {
  /** The schema in the other database. */
  from: string;
  /** The existing schema of this database into which its tables are copied. */
  into: string;
  /** The views that are copied as tables, for projects that read their tables through views. */
  viewsBeside(tables: readonly Table[]): string[];
  report: (line: string) => void;
}

/**
 * Copies the tables of another database into a schema of this one, from one snapshot and as
 * streams, so that neither side holds more than a few rows in memory. Values of types that this
 * database lacks become text. Each table is copied or updated in a separate transaction.
 */
export async function stageTables(source: Sql, sql: Sql, options: StageOptions): Promise<void> {
  const { from, into, viewsBeside, report } = options;
  await source.begin("isolation level repeatable read read only", async (other) => {
    // The role may have time limits. Row level security must raise an error instead of hiding rows.
    await other`
      select set_config(name, value, true)
      from (values ('statement_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),
        ('row_security', 'off')) settings (name, value)`;
    const tables = await readTables(other, from);
    const views = await readViews(other, from, viewsBeside(tables));
    if (tables.length + views.length === 0) throw await noTables(other, from);
    for (const table of [...tables, ...views]) {
      await copyTable(other, sql, table, { into, as: table.name });
      report(`  ${table.name} copied`);
    }
    await stageAccounts(other, sql, into);
    await stageSecrets(other, sql, into);
  });
}

/** The error for a source without tables in the schema. */
async function noTables(source: TransactionSql, schema: string): Promise<CommandError> {
  const others = await source<{ name: string }[]>`
    select distinct relnamespace::regnamespace::text as name from pg_class
    where relkind in ('r', 'p')
      and relnamespace::regnamespace::text !~ '^(pg_|(information_schema|auth|storage|realtime|vault|extensions|cron|net)$)'
    order by 1 limit 10`;
  const names = others.map(({ name }) => name).join(", ");
  return new CommandError(
    `Cannot import the source: it has no tables in schema "${schema}"${
      names === "" ? "" : `. It has some in ${names}: name one of them with --schema`
    }. Nothing was imported.`,
  );
}

/** Where a table is copied to. */
interface Place {
  into: string;
  as: string;
}

async function copyTable(
  source: TransactionSql,
  sql: Sql,
  table: Table,
  { into, as }: Place,
): Promise<void> {
  const columns = table.columns.map(({ name, type }) => ({
    name,
    type: isKnown(type) ? type : type.endsWith("[]") ? "text[]" : "text",
  }));
  const target = `${quoteName(into)}.${quoteName(as)}`;
  const isThere = (await readTables(sql, into)).some(({ name }) => name === as);
  await sql.begin(async (transaction) => {
    const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${type}`);
    if (isThere) {
      await transaction.unsafe(
        `create temporary table copied (${definitions.join(", ")}) on commit drop`,
      );
    } else {
      const key = table.key.length > 0
        ? `primary key (${table.key.map(quoteName).join(", ")})`
        : "import_line bigint primary key generated always as identity";
      await transaction.unsafe(`create table ${target} (${[...definitions, key].join(", ")})`);
    }
    const names = columns.map(({ name }) => quoteName(name)).join(", ");
    const values = columns.map(({ name, type }) => `${quoteName(name)}::${type}`).join(", ");
    const rows = await source.unsafe(
      `copy (select ${values} from ${quoteName(table.schema)}.${quoteName(table.name)}) to stdout`,
    ).readable();
    await copyInto(
      transaction,
      `copy ${isThere ? "copied" : target} (${names}) from stdin`,
      rows,
    );
    endCopy(rows);
    if (isThere) await mergeRows(transaction, { into, as, columns, key: table.key });
  });
}

const builtIn = new RegExp(
  "^(uuid|text|jsonb?|boolean|smallint|integer|bigint|real|double precision|numeric|date|inet|bytea" +
    "|character( varying)?|timestamp|time|interval( [a-z]+( to [a-z]+)?)?|cidr|bit( varying)?|name|oid" +
    "|xml|money|point)(\\([0-9,-]+\\))?( with(out)? time zone)?(\\[\\])*$",
);

/**
 * Whether every database has a type. The name of the type, which the other database chooses,
 * becomes part of statements, so the whole name is matched: another name may begin like one of
 * these.
 */
function isKnown(type: string): boolean {
  return builtIn.test(type);
}

/** Copies the accounts of the other database, with their password hashes. */
async function stageAccounts(source: TransactionSql, sql: Sql, into: string): Promise<void> {
  const [has] = await source<{ found: boolean }[]>`
    select to_regclass('auth.users') is not null as found`;
  if (has?.found !== true) return;
  for (const name of ["users", "identities"]) {
    const table = (await readTables(source, "auth")).find((one) => one.name === name);
    if (table === undefined) continue;
    const staged = `auth_${name}`;
    await copyTable(source, sql, table, { into, as: staged });
    await insertAccounts(sql, name, `${quoteName(into)}.${quoteName(staged)}`);
  }
}

/** Copies the hashes of the access keys of an older Agentbase, so that the keys stay valid. */
async function stageSecrets(source: TransactionSql, sql: Sql, into: string): Promise<void> {
  const table = (await readTables(source, "private"))
    .find(({ name }) => name === "access_key_secrets");
  if (table !== undefined) await copyTable(source, sql, table, { into, as: table.name });
}

/** Values that every copied account gets, regardless of its source. */
const GIVEN: Record<string, string> = { role: "'authenticated'", is_super_admin: "null" };

/**
 * Inserts accounts whose id and address are free; rows of the others go to the quarantine. An
 * existing account gets no further way to sign in, and no account another role than
 * `authenticated`: otherwise a source could take over accounts or create a service role.
 */
async function insertAccounts(sql: Sql, name: string, staged: string): Promise<void> {
  const columns = await sql<{ name: string; type: string }[]>`
    select attributes.attname as name,
      format_type(attributes.atttypid, attributes.atttypmod) as type
    from pg_attribute attributes
    join pg_attribute others
      on others.attrelid = ${staged}::regclass and others.attname = attributes.attname
    where attributes.attrelid = ('auth.' || ${name}::text)::regclass and attributes.attnum > 0
      and attributes.attgenerated = '' and attributes.attidentity = '' and not attributes.attisdropped`;
  const names = columns.map((column) => quoteName(column.name)).join(", ");
  const values = columns.map((column) =>
    GIVEN[column.name] ?? `staged.${quoteName(column.name)}::text::${column.type}`
  );
  const isFree = name === "users"
    ? `not exists (
        select from auth.users there
        where there.id = staged.id or lower(there.email) = lower(staged.email::text)
      )`
    : `exists (select from auth.users there where there.id = staged.user_id) and not exists (
        select from auth.identities own where own.user_id = staged.user_id
      )`;
  await sql.unsafe(`
    insert into auth.${quoteName(name)} (${names})
    select ${values.join(", ")} from ${staged} staged where ${isFree} on conflict do nothing`);
}
