import type { Table, TableColumn } from "./catalogue.ts";
import { jsonValue } from "./json-values.ts";
import type { Row, RowChange } from "./pgoutput.ts";

/** Largest size of a change that is sent whole, in bytes. */
const mostBytes = 1_048_576;

/** Largest size of a value that is sent of a change that is larger, in bytes. */
const mostBytesOfValue = 64;

/**
 * What a client is sent of a change: the columns that its role may read, and of those the selected
 * ones and the primary key.
 */
export function changePayload(
  change: RowChange,
  table: Table,
  readable: ReadonlySet<string>,
  select: readonly string[] | null,
): Record<string, unknown> {
  const { type, relation, row, old, committedAt } = change;
  const head = { schema: relation.schema, table: relation.table, type };
  if (type !== "DELETE" && table.key.length === 0) {
    return { ...head, errors: ["Error 400: Bad Request, no primary key"] };
  }
  if (!table.key.every((name) => readable.has(name))) {
    return { ...head, errors: ["Error 401: Unauthorized"] };
  }
  const isSelected = (name: string) =>
    select === null || select.includes(name) || table.key.includes(name);
  const columns = [...table.columns.values()]
    .filter(({ name }) => readable.has(name) && isSelected(name));
  const isTooLarge = sizeOf(row) + sizeOf(old) > mostBytes;
  const show = (values: Row, shown: readonly TableColumn[]) => record(values, shown, isTooLarge);
  const keys = columns.filter(({ name }) => table.key.includes(name));
  return {
    ...head,
    commit_timestamp: committedAt,
    errors: isTooLarge ? ["Error 413: Payload Too Large"] : null,
    columns: columns.map(({ name, type }) => ({ name, type: type.name })),
    ...row !== null && { record: show(row, columns) },
    ...type === "UPDATE" && { old_record: old ? show(old, columns) : show(row ?? new Map(), keys) },
    // No policy was asked about the row that is gone: its key is all that is sent.
    ...type === "DELETE" &&
      { old_record: show(old ?? new Map(), table.hasRowSecurity ? keys : columns) },
  };
}

function record(values: Row, columns: readonly TableColumn[], isTooLarge: boolean) {
  return Object.fromEntries(columns.flatMap(({ name, type }) => {
    const value = values.get(name);
    if (value === undefined) return [];
    if (isTooLarge && bytesOf(value ?? "") > mostBytesOfValue) return [];
    return [[name, jsonValue(value, type)]];
  }));
}

function sizeOf(row: Row | null): number {
  return [...row?.values() ?? []].reduce((sum, value) => sum + bytesOf(value ?? ""), 0);
}

const encoder = new TextEncoder();

/** Length of a text in UTF-8. */
function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
