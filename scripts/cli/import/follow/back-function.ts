import type { BoundTable } from "../design/bind.ts";
import { quoteName, quoteText, type SourceColumn } from "../design/expression.ts";
import { ownName, sourceTable } from "../design/statements.ts";

/** A column of the old table, and the column of the new table that it is filled from. */
interface BackColumn extends SourceColumn {
  from: string;
}

/** The columns of the old table that can be filled from the new one. */
function backColumns({ mapping, source }: BoundTable): BackColumn[] {
  return Object.entries(mapping.back ?? {}).flatMap(([name, expression]) => {
    const column = source.columns.find((one) => one.name === name);
    const from = /^\{(\w+)\}$/.exec(expression)?.[1];
    const isWritten = column !== undefined && column.isGenerated !== true;
    return !isWritten || from === undefined ? [] : [{ ...column, from }];
  });
}

/**
 * Whether rows of the new table can be written to the old one, which requires the old table's key.
 */
export function goesBack(bound: BoundTable): boolean {
  const { key, columns } = bound.source;
  const names = backColumns(bound).map(({ name }) => name);
  return key.length > 0 && key.every((name) =>
    names.includes(name) &&
    /^(uuid|text|character varying.*)$/.test(columns.find((one) => one.name === name)?.type ?? "")
  );
}

/**
 * The trigger function that writes a row of the new table to the old one. It writes changed columns
 * only, so that the old table keeps values that the new one does not have. Deletions are not passed
 * on, so that retention never deletes old data.
 */
export function backFunction(bound: BoundTable): string {
  const columns = backColumns(bound);
  const { key } = bound.source;
  const table = sourceTable(bound);
  const others = columns.filter(({ name }) => !key.includes(name));
  const isDocument = ({ from }: BackColumn) =>
    bound.columns.some(({ name, type }) => name === from && /^jsonb?$/.test(type));
  // A document, even in a column of type text, keeps the fields that only the old table has.
  const changed = (column: BackColumn) => {
    if (!isDocument(column)) return plain(column, "new");
    const from = quoteName(column.from);
    return `agentbase_import.merged(new.${from}::jsonb, old.${from}::jsonb, nullif(btrim(there.${
      quoteName(column.name)
    }::text), '')::jsonb)::${column.type}`;
  };
  const changes = others.map((column) =>
    `${quoteName(column.name)} = case when new.${quoteName(column.from)} is distinct from old.${
      quoteName(column.from)
    } then ${changed(column)} else there.${quoteName(column.name)} end`
  );
  const isSame = columns.filter(({ name }) => key.includes(name))
    .map((column) => `there.${quoteName(column.name)} = ${plain(column, "new")}`).join(" and ");
  return `
create or replace function agentbase_import.${quoteName(ownName("back", bound))}() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $back$
begin
  if current_setting('agentbase_import.echo', true) = 'on' then
    return null;
  end if;
  perform set_config('agentbase_import.echo', 'on', true);
  begin
    if tg_op = 'UPDATE' then
      ${
    changes.length === 0
      ? "null;"
      : `update ${table} there set ${changes.join(", ")} where ${isSame};`
  }
    else
      insert into ${table} (${columns.map(({ name }) => quoteName(name)).join(", ")})
      values (${columns.map((column) => plain(column, "new")).join(", ")})
      on conflict (${key.map(quoteName).join(", ")}) do nothing;
    end if;
  exception when others then
    insert into agentbase_import.quarantine (source, mapping, n, key, row, reason, sqlstate, is_imported)
    values (
      ${quoteText(bound.source.schema)}, ${
    quoteText(bound.name)
  }, 0, '{}', agentbase_import.redacted(to_jsonb(new)),
      'not written to the old table: ' || sqlerrm, sqlstate, true
    );
  end;
  perform set_config('agentbase_import.echo', '', true);
  return null;
end
$back$`;
}

/** The value of a row of the new table, in the type of the old column. */
function plain({ from, type }: BackColumn, row: string): string {
  if (/^(uuid|text|jsonb?|boolean|timestamp.*|integer|bigint|numeric.*)$/.test(type)) {
    return `(${row}.${quoteName(from)})::${type}`;
  }
  return from.length === 0 ? "null" : `(${row}.${quoteName(from)})::text::${type}`;
}
