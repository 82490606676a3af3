import postgres, { type Sql } from "postgres";
import { brief, withRetries } from "../apply/with-retries.ts";
import { quoteName } from "../design/expression.ts";
import { asideSchema } from "./examine.ts";

/** The original foreign key of another table. */
interface ForeignKey {
  table: string;
  constraint: string;
  definition: string;
}

/**
 * Redirects foreign keys of the project's other tables to the new tables. Each table is locked for
 * milliseconds; existing rows are validated afterwards.
 *
 * @returns what could not be changed, and why.
 */
export async function redirectForeignKeys(
  sql: Sql,
  ours: readonly string[],
): Promise<string[]> {
  const found = await sql<(ForeignKey & { target: string })[]>`
    select conrelid::regclass::text as table, conname as constraint,
      pg_get_constraintdef(pg_constraint.oid) as definition, targets.relname as target
    from pg_constraint
    join pg_class targets on targets.oid = confrelid
    join pg_class sources on sources.oid = conrelid
    where contype = 'f' and targets.relnamespace = ${asideSchema}::regnamespace
      and sources.relnamespace <> ${asideSchema}::regnamespace
      and targets.relname = any (${[...ours]})
    order by 1, 2`;
  const problems: string[] = [];
  for (const { table, constraint, definition, target } of found) {
    const changed = definition.replace(
      /REFERENCES (?:"[^"]+"|\w+)\.(?:"[^"]+"|\w+)\(/,
      `REFERENCES public.${quoteName(target)}(`,
    );
    const name = quoteName(constraint);
    try {
      await withRetries(sql, brief, async (transaction) => {
        await transaction.unsafe(`
          alter table ${table} drop constraint ${name},
          add constraint ${name} ${changed.replace(/ NOT VALID$/, "")} not valid`);
        await transaction`
          update agentbase_import.adoption
          set changed_keys = changed_keys || ${
          transaction.json([{ table, constraint, definition }])
        }`;
      });
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error;
      problems.push(
        `foreign key ${constraint} of ${table} still refers to ${asideSchema}.${target}: ${error.message}`,
      );
      continue;
    }
    try {
      await sql.unsafe(`alter table ${table} validate constraint ${name}`);
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error;
      problems.push(
        `foreign key ${constraint} of ${table} holds for new rows only: ${
          error.detail ?? error.message
        } When the quarantine is empty, run "alter table ${table} validate constraint ${name}".`,
      );
    }
  }
  return problems;
}

/**
 * Redirects foreign keys back to the tables that they referenced before.
 *
 * @returns the foreign keys that rows written since then violate.
 */
export async function restoreForeignKeys(sql: Sql): Promise<string[]> {
  const problems: string[] = [];
  const [row] = await sql<{ keys: ForeignKey[] }[]>`
    select changed_keys as keys from agentbase_import.adoption`;
  for (const { table, constraint, definition } of row?.keys ?? []) {
    const name = quoteName(constraint);
    await withRetries(sql, brief, async (transaction) => {
      await transaction.unsafe(`
        alter table ${table} drop constraint if exists ${name},
        add constraint ${name} ${definition.replace(/ NOT VALID$/, "")} not valid`);
      await transaction`
        update agentbase_import.adoption set changed_keys = (
          select coalesce(jsonb_agg(kept), '[]') from jsonb_array_elements(changed_keys) kept
          where kept ->> 'constraint' <> ${constraint} or kept ->> 'table' <> ${table}
        )`;
    });
    if (definition.endsWith("NOT VALID")) continue;
    try {
      await sql.unsafe(`alter table ${table} validate constraint ${name}`);
    } catch (error) {
      if (!(error instanceof postgres.PostgresError)) throw error;
      problems.push(
        `foreign key ${constraint} of ${table} holds for new rows only: ${
          error.detail ?? error.message
        }`,
      );
    }
  }
  return problems;
}
