import type { Sql } from "postgres";
import { quoteName, quoteText } from "../design/expression.ts";
import type { Recognised } from "../design/recognise.ts";
import { patient, withRetries } from "./with-retries.ts";

/**
 * Removes rows that the migrations created and for which the source has rows with other ids. They
 * are kept in agentbase_import.replaced.
 */
export async function removeReplacedRows(sql: Sql, { schema, designs }: Recognised): Promise<void> {
  const replaces = designs.flatMap((design) => design.replaces);
  if (replaces.length === 0) return;
  await withRetries(sql, patient, async (transaction) => {
    for (const { table, rows } of replaces) {
      const condition = rows.replaceAll("{@source}", quoteName(schema));
      await transaction.unsafe(`
        insert into agentbase_import.replaced (source, relation, row)
        select ${quoteText(schema)}, ${quoteText(table)}, to_jsonb(gone)
        from public.${quoteName(table)} gone where ${condition}`);
      await transaction.unsafe(
        `delete from public.${quoteName(table)} gone where ${condition}`,
      );
    }
  });
}

/**
 * Restores the replaced rows, parents first. A row that no longer fits is left out, for example a
 * price that was updated since the import.
 */
export async function restoreReplacedRows(sql: Sql, schema: string): Promise<void> {
  await withRetries(sql, patient, async (transaction) => {
    const tables = await transaction<{ relation: string }[]>`
      select relation from agentbase_import.replaced where source = ${schema}
      group by relation order by max(id) desc`;
    for (const { relation } of tables) {
      const table = `public.${quoteName(relation)}`;
      const columns = await transaction<{ name: string; is_key: boolean }[]>`
        select quote_ident(attname) as name, coalesce((
          select attnum = any (indkey) from pg_index where indrelid = attrelid and indisprimary
        ), false) as is_key
        from pg_attribute
        where attrelid = ${table}::regclass and attnum > 0 and attgenerated = ''
          and not attisdropped`;
      const isSame = columns.filter((one) => one.is_key)
        .map(({ name }) => `there.${name} = restored.${name}`).join(" and ");
      const others = columns.filter((one) => !one.is_key)
        .map(({ name }) => `${name} = restored.${name}`).join(", ");
      const restored = `agentbase_import.replaced
        cross join lateral jsonb_populate_record(null::${table}, replaced.row) restored
        where replaced.source = ${quoteText(schema)} and relation = ${quoteText(relation)}`;
      await transaction.unsafe(`
        insert into ${table} (${columns.map(({ name }) => name).join(", ")})
        select ${columns.map(({ name }) => `restored.${name}`).join(", ")} from ${restored}
        on conflict do nothing`);
      // A trigger creates the membership of an organization's owner, which then gets its former
      // values.
      await transaction.unsafe(`
        update ${table} there set ${others} from ${restored} and ${isSame}`);
    }
    await transaction`delete from agentbase_import.replaced where source = ${schema}`;
  });
}
