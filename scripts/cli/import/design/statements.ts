import { createHash } from "node:crypto";
import { type BoundTable, problemColumn, scopeOf } from "./bind.ts";
import { columnsOf, quoteName, quoteText, renderExpression } from "./expression.ts";

/** The table with the numbers of the source's rows, in the order in which they are imported. */
export function keysTable(bound: BoundTable): string {
  return `agentbase_import.${quoteName(ownName("keys", bound))}`;
}

/**
 * The name of an object of a mapping. A long name is hashed: Postgres would truncate it, and two
 * truncated names can be the same.
 */
export function ownName(kind: "keys" | "follow" | "write" | "back", bound: BoundTable): string {
  const name = `${kind}_${bound.source.schema}_${bound.name}`;
  if (new TextEncoder().encode(name).length <= 63) return name;
  return `${kind}_${createHash("sha256").update(name).digest("hex").slice(0, 32)}`;
}

/** The source's table, with its schema. */
export function sourceTable({ source }: BoundTable): string {
  return `${quoteName(source.schema)}.${quoteName(source.name)}`;
}

/** The target's table. */
export function targetTable({ mapping }: BoundTable): string {
  const [table = "", schema = "public"] = mapping.into.split(".").toReversed();
  return `${schema}.${quoteName(table)}`;
}

/**
 * The columns of the table of numbers: the source's key, and the columns that the target's key is
 * computed from.
 */
export function keyColumns(bound: BoundTable): string[] {
  const { mapping, source } = bound;
  const expressions = [
    ...mapping.key.map((name) => mapping.columns[name] ?? ""),
    mapping.each ?? "",
  ];
  const read = expressions.flatMap((one) => columnsOf(one, source.columns).read);
  return [...new Set([...source.key, ...read])];
}

/** Rows of a source, as the relations "source" and "k", which has the number n. */
export interface SourceRows {
  from: string;
  where: string;
}

/** The rows of a range of numbers. */
export function rowsInRange(bound: BoundTable, first: number, last: number): SourceRows {
  const isSame = bound.source.key.length === 0
    // Row ids are unique only within a partition.
    ? "(one.tableoid, one.ctid) = (k.row_table, k.row_id)"
    : bound.source.key.map((name) => `one.${quoteName(name)} = k.${quoteName(name)}`).join(" and ");
  return {
    // Row by row: the planner would prefer to read the whole table, which is faster for one chunk
    // but not for thousands.
    from: `${keysTable(bound)} k cross join lateral (
      select one.* from ${sourceTable(bound)} one where ${isSame} offset 0
    ) source`,
    where: `k.n between ${first} and ${last}`,
  };
}

/**
 * The rows in a range of numbers that an operator corrected in the quarantine. Values that are
 * redacted there are taken from the source.
 */
export function correctedRows(bound: BoundTable, first: number, last: number): SourceRows {
  const table = sourceTable(bound);
  const numbered = (column: string) =>
    `(select numbered.${column} from ${keysTable(bound)} numbered where numbered.n = k.n)`;
  // A row that a trigger could not write has no number.
  const isSame = bound.source.key.length === 0
    ? `(one.tableoid, one.ctid) = (${numbered("row_table")}, ${numbered("row_id")})`
    : bound.source.key.map(quoteName).map((name) =>
      `one.${name} = case when k.n > 0 then ${numbered(name)}
        else (jsonb_populate_record(null::${table}, k.key)).${name} end`
    ).join(" and ");
  return {
    from: `agentbase_import.quarantine k
      left join lateral (
        select one.* from ${table} one where ${isSame} limit 1
      ) original on true
      cross join lateral jsonb_populate_record(
        null::${table}, agentbase_import.restored(k.corrected_row, to_jsonb(original))
      ) source`,
    where: `k.source = ${quoteText(bound.source.schema)} and k.mapping = ${quoteText(bound.name)}
      and k.n between ${first} and ${last} and k.corrected_row is not null`,
  };
}

/**
 * Rows as rows of the target, each with its number, the reason if it is refused, and whether a row
 * with its key existed before the import.
 */
export function judgedRows(bound: BoundTable, rows: SourceRows): string {
  const place = `before.source = ${quoteText(bound.source.schema)}
    and before.mapping = ${quoteText(bound.name)}`;
  const keys = bound.mapping.key.map((name) => `judged.${quoteName(name)}`).join(", ");
  const isTaken = `judged.is_repeated or there.${quoteName(bound.mapping.key[0] ?? "")} is not null
      and before.key is null`;
  return `
    select judged.*, coalesce(
      judged.import_reason, case when ${isTaken} then 'another row has the same key: ' || concat_ws(', ', ${keys}) end
    ) as refusal, before.key is not null as was_there
    from (${numberedRows(bound, rows)}) judged
    left join lateral (
      select ${bound.mapping.key.map((name) => `one.${quoteName(name)}`).join(", ")}
      from ${targetTable(bound)} one where ${sameKey(bound, "one", "judged")} offset 0
    ) there on true
    left join agentbase_import.present before
      on ${place} and before.key = ${keyDocument(bound, "there")}`;
}

/** How rows are checked: whether their parents are imported already, or only planned. */
export interface Judgement {
  /**
   * The mappings whose rows count as existing parents, for a plan; empty once parents are imported.
   */
  planned: readonly BoundTable[];
  /** Whether missing values stay null instead of taking the column's default. */
  keepsNulls: boolean;
}

const imported: Judgement = { planned: [], keepsNulls: false };

/** Mapped rows, each checked on its own. */
export function mappedRows(
  bound: BoundTable,
  rows: SourceRows,
  judgement: Judgement = imported,
): string {
  const { mapping } = bound;
  const render = (expression: string) => renderExpression(expression, scopeOf(bound));
  const each = mapping.each === undefined ? "" : `
    cross join lateral (
      select list.value, min(list.place) as place
      from unnest(${render(mapping.each)}) with ordinality as list (value, place)
      where list.value is not null group by list.value
    ) element`;
  const skips = mapping.skip.map(({ when }) => ` and not coalesce((${render(when)}), false)`);
  const values = bound.columns.map(({ name, value, type, default: fallback, isRequired }) => {
    const cast = `(${value})::${type}`;
    const filled = isRequired && fallback !== null && !judgement.keepsNulls
      ? `coalesce(${cast}, ${fallback})`
      : cast;
    return `${filled} as ${quoteName(name)}`;
  });
  const hasProblem = bound.source.columns.some(({ name }) => name === problemColumn);
  const problem = hasProblem ? `source.${problemColumn}::text` : "null::text";
  const lookups = bound.columns.map(({ name }) => {
    const parent = mapping.optional[name];
    const column = `mapped.${quoteName(name)}`;
    if (parent === undefined) return column;
    return `case when ${existsIn(parent, column, judgement)} then ${column} end as ${
      quoteName(name)
    }`;
  });
  return `
    select mapped.n, mapped.import_place, ${lookups.join(", ")}, ${
    reasonOf(bound, judgement)
  } as import_reason
    from (
      select k.n, ${mapping.each === undefined ? "0" : "element.place"} as import_place,
        ${values.join(", ")}, ${problem} as import_problem
      from ${rows.from}${each}
      where ${rows.where}${skips.join("")}
    ) mapped`;
}

/** Mapped rows, with all but the first row of a key marked as repeated. */
function numberedRows(bound: BoundTable, rows: SourceRows): string {
  const key = bound.mapping.key.map(quoteName).join(", ");
  return `
    select mapped.*, row_number() over (partition by ${key}, import_reason is null order by n, import_place) > 1
      as is_repeated
    from (${mappedRows(bound, rows)}) mapped`;
}

/** The condition that a table of Agentbase has a row with the id, or will have it. */
function existsIn(parent: string, value: string, { planned }: Judgement): string {
  const isThere = `exists (select from public.${
    quoteName(parent)
  } parent where parent.id = ${value})`;
  const source = planned.find(({ mapping }) => mapping.into === parent);
  if (source === undefined) return isThere;
  const id = renderExpression(source.mapping.columns.id ?? "null", scopeOf(source));
  // Uncorrelated, so that the subquery is executed once.
  return `(${isThere} or ${value} in (select ${id} from ${sourceTable(source)} source))`;
}

/** The SQL of the reason why a row is refused; null if it is not. */
function reasonOf(bound: BoundTable, judgement: Judgement): string {
  const { mapping, columns } = bound;
  const cases = ["when mapped.import_problem is not null then mapped.import_problem"];
  for (const { bad, reason, value } of mapping.checks) {
    const text = value === undefined
      ? quoteText(reason)
      : `${quoteText(`${reason}: `)} || coalesce(left((${value})::text, 80), 'null')`;
    cases.push(`when ${bad} then ${text}`);
  }
  for (const [name, parent] of Object.entries(mapping.required)) {
    const column = `mapped.${quoteName(name)}`;
    const text = quoteText(
      `${name} %s is not in ${parent}: it was not imported, or it does not exist`,
    );
    cases.push(
      `when ${column} is not null and not ${
        existsIn(parent, column, judgement)
      } then format(${text}, ${column})`,
    );
  }
  for (const [name, parent] of Object.entries(mapping.waits)) {
    const column = `mapped.${quoteName(name)}`;
    const text = quoteText(`${name} %s waits for its row of ${parent}, which is in the quarantine`);
    const isHeld = `exists (
      select from agentbase_import.quarantine held
      where held.source = ${quoteText(bound.source.schema)} and held.mapping = ${quoteText(parent)}
        and not held.is_imported
        and agentbase_import.to_uuid(${quoteText(parent)}, held.key ->> 'id') = ${column}
    )`;
    cases.push(
      `when ${column} is not null and not ${
        existsIn(mapping.optional[name] ?? "", column, judgement)
      } and ${isHeld}
        then format(${text}, ${column})`,
    );
  }
  if (!mapping.same) cases.push(...columns.flatMap(untimelyCases));
  for (const { name, isRequired, default: fallback } of columns) {
    const isLate = judgement.planned.length > 0 && mapping.late.includes(name);
    if (isRequired && fallback === null && !isLate) {
      cases.push(
        `when mapped.${quoteName(name)} is null then ${quoteText(missingReason(bound, name))}`,
      );
    }
  }
  return `case ${cases.join(" ")} end`;
}

/** Refuses times that clients cannot represent, such as infinity and those before Christ. */
function untimelyCases({ name, type }: BoundTable["columns"][number]): string[] {
  if (!/^timestamp/.test(type)) return [];
  const column = `mapped.${quoteName(name)}`;
  return [
    `when not (${column} >= '1970-01-01 00:00Z' and ${column} < '2200-01-01 00:00Z') then
      ${quoteText(`${name} is not between 1970 and 2199: `)} || ${column}::text`,
  ];
}

function missingReason(bound: BoundTable, name: string): string {
  const expression = bound.mapping.columns[name] ?? "";
  const { read, missing } = columnsOf(expression, bound.source.columns);
  const from = read.length > 0 ? read.join(", ") : missing.join(", ");
  return `no value for ${name}${from === "" ? "" : `: ${from} is null`}`;
}

/** The keys of the target for rows of the table of numbers, with their number "n". */
export function targetKeys(bound: BoundTable, condition: string): string {
  const { mapping } = bound;
  const each = mapping.each === undefined ? "" : `
    cross join lateral (
      select distinct list.value
      from unnest(${renderExpression(mapping.each, scopeOf(bound))}) as list (value)
      where list.value is not null
    ) element`;
  const values = mapping.key.map((name) => {
    const column = bound.columns.find((one) => one.name === name);
    return `(${column?.value ?? "null"})::${column?.type ?? "text"} as ${quoteName(name)}`;
  });
  return `select source.n, ${values.join(", ")} from ${
    keysTable(bound)
  } source cross join lateral (select source.n) k${each} where ${condition}`;
}

/** The condition that two relations have the same key. */
export function sameKey(bound: BoundTable, one: string, other: string): string {
  return bound.mapping.key
    .map((name) => `${one}.${quoteName(name)} = ${other}.${quoteName(name)}`)
    .join(" and ");
}

/** The key of a row of the target as a document. */
export function keyDocument(bound: BoundTable, alias: string): string {
  const fields = bound.mapping.key.map((name) => `${quoteText(name)}, ${alias}.${quoteName(name)}`);
  return `jsonb_build_object(${fields.join(", ")})`;
}
