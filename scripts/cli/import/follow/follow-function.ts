import { type BoundTable, scopeOf } from "../design/bind.ts";
import { quoteName, quoteText, renderExpression } from "../design/expression.ts";
import {
  keyDocument,
  keysTable,
  mappedRows,
  ownName,
  sameKey,
  sourceTable,
  targetTable,
} from "../design/statements.ts";

/**
 * The functions that write a row of the old table to the new one: the trigger function, and the one
 * that writes. While chunks are imported, changes are only recorded, so that the application never
 * waits for a chunk. An error never fails the application: the row goes to the quarantine.
 */
export function followFunctions(bound: BoundTable): string {
  const name = quoteName(ownName("follow", bound));
  const place = placeOf(bound);
  return `
${writeFunction(bound)};
create or replace function agentbase_import.${name}() returns trigger
language plpgsql security definer set search_path = pg_catalog, public
as $follow$
declare
  written ${sourceTable(bound)} := case when tg_op = 'DELETE' then old else new end;
begin
  -- What comes from the other side does not go back there.
  if current_setting('agentbase_import.echo', true) = 'on' then
    return null;
  end if;
  if (select state <> 'applied' from agentbase_import.runs where source = ${
    quoteText(bound.source.schema)
  }) then
    insert into agentbase_import.changes (source, mapping, row)
    values (${place}, to_jsonb(written));
  else
    perform agentbase_import.${writeName(bound)}(written, tg_op = 'DELETE');
  end if;
  return null;
end
$follow$`;
}

function writeName(bound: BoundTable): string {
  return quoteName(ownName("write", bound));
}

function placeOf(bound: BoundTable): string {
  return `${quoteText(bound.source.schema)}, ${quoteText(bound.name)}`;
}

function writeFunction(bound: BoundTable): string {
  const { mapping } = bound;
  const target = targetTable(bound);
  const place = placeOf(bound);
  const names = bound.columns.map(({ name }) => quoteName(name));
  const changes = bound.columns.filter(({ name }) => !mapping.key.includes(name))
    .map(({ name }) => `${quoteName(name)} = excluded.${quoteName(name)}`);
  const rows = {
    from: "(select (given).*) source cross join (select 0::bigint as n) k",
    where: "true",
  };
  return `
create or replace function agentbase_import.${writeName(bound)}(
  given ${sourceTable(bound)}, is_gone boolean
) returns void
language plpgsql security definer set search_path = pg_catalog, public
as $write$
declare
  refusal text;
  written jsonb := to_jsonb(given);
begin
  perform set_config('agentbase_import.echo', 'on', true);
  begin
    if is_gone then
      ${deleteStatement(bound)}
    else
      select min(mapped.import_reason) into refusal from (${mappedRows(bound, rows)}) mapped;
      if refusal is not null then
        raise exception '%', refusal;
      end if;
      ${rememberStatement(bound, rows, place)}
      insert into ${target} (${names.join(", ")})
      select ${names.join(", ")} from (${mappedRows(bound, rows)}) mapped
      on conflict (${mapping.key.map(quoteName).join(", ")}) ${
    changes.length > 0 ? `do update set ${changes.join(", ")}` : "do nothing"
  };
      ${noteStatements(bound)}
    end if;
  exception when others then
    -- After the cut-over the new tables decide: what they refuse is refused.
    if (select is_cut_over from agentbase_import.runs where source = ${
    quoteText(bound.source.schema)
  }) then
      raise;
    end if;
    insert into agentbase_import.quarantine (source, mapping, n, key, row, reason, sqlstate)
    values (
      ${place}, 0, ${sourceKeyOf(bound)}, agentbase_import.redacted(written),
      case when is_gone then 'deleted: ' else 'written: ' end || sqlerrm, sqlstate
    );
  end;
  perform set_config('agentbase_import.echo', '', true);
end
$write$`;
}

/** Applies the recorded changes of a mapping to the new table, using the current rows. */
export function drainStatement(bound: BoundTable): string {
  const key = bound.source.key.map(quoteName);
  const isSame = key.map((name) => `source.${name} = (changed.row).${name}`).join(" and ");
  return `
    with taken as (
      delete from agentbase_import.changes
      where (source, mapping) = (${placeOf(bound)}) returning row
    ),
    changed as (
      select distinct on (${key.map((name) => `(populated).${name}`).join(", ")}) populated as row
      from taken
      cross join lateral jsonb_populate_record(null::${sourceTable(bound)}, taken.row) populated
    )
    select count(agentbase_import.${writeName(bound)}(
      case when source.${key[0]} is null then changed.row else source end, source.${key[0]} is null
    ))
    from changed left join ${sourceTable(bound)} source on ${isSame}`;
}

/** Records whether the import created the row: --revert deletes only those rows. */
function rememberStatement(
  bound: BoundTable,
  rows: { from: string; where: string },
  place: string,
): string {
  const target = targetTable(bound);
  const isKnown = bound.source.key
    .map((name) => `known.${quoteName(name)} = new.${quoteName(name)}`).join(" and ");
  const before = bound.mapping.mode === "update" && bound.source.key.length > 0
    ? `where there is null or not exists (select from ${keysTable(bound)} known where ${isKnown})`
    : "where there is null";
  return `insert into agentbase_import.present (source, mapping, key, before, is_followed)
      select ${place}, ${keyDocument(bound, "mapped")}, to_jsonb(there), there is null
      from (${mappedRows(bound, rows)}) mapped
      left join ${target} there on ${sameKey(bound, "there", "mapped")}
      ${before} on conflict do nothing;`;
}

/** Records what was left out of a row that the preceding statement wrote, once for each reason. */
function noteStatements(bound: BoundTable): string {
  const notes = bound.warnings.map(({ when, reason, value }) => `
      insert into agentbase_import.quarantine (source, mapping, n, key, row, reason, is_imported)
      select ${placeOf(bound)}, 0, noted.key, agentbase_import.redacted(written), noted.reason, true
      from (
        select ${sourceKeyOf(bound)} as key, ${quoteText(reason)} ${
    value === undefined ? "" : `|| ': ' || coalesce(${value}, '')`
  } as reason
        from (select (given).*) source where ${when}
      ) noted
      where not exists (
        select from agentbase_import.quarantine held
        where (held.source, held.mapping) = (${placeOf(bound)}) and held.key = noted.key
          and held.reason = noted.reason
      );`);
  return notes.length === 0 ? "" : `if found then ${notes.join("")}
      end if;`;
}

function deleteStatement(bound: BoundTable): string {
  // A profile is deleted with its account.
  if (bound.mapping.into === "profiles" || bound.mapping.each !== undefined) return "null;";
  const scope = { ...scopeOf(bound), alias: "(given)" };
  const keys = bound.mapping.key.map((name) =>
    `there.${quoteName(name)} = ${renderExpression(bound.mapping.columns[name] ?? "null", scope)}`
  );
  return `delete from ${targetTable(bound)} there where ${keys.join(" and ")}
        and not exists (
          select from agentbase_import.present before
          where before.source = ${quoteText(bound.source.schema)}
            and before.mapping = ${quoteText(bound.name)} and not before.is_followed
            and before.key = ${keyDocument(bound, "there")}
        );`;
}

function sourceKeyOf({ source }: BoundTable): string {
  if (source.key.length === 0) return "'{}'::jsonb";
  const fields = source.key.map((name) => `${quoteText(name)}, written -> ${quoteText(name)}`);
  return `agentbase_import.redacted(jsonb_build_object(${fields.join(", ")}))`;
}
