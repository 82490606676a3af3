import type { Table, TargetColumn } from "../source/describe.ts";
import {
  columnsOf,
  type ExpressionScope,
  findColumn,
  quoteName,
  quoteText,
  renderExpression,
  type SourceColumn,
} from "./expression.ts";
import { isSecretColumn } from "../secrets/secret-names.ts";
import type { Design, TableMapping } from "./schema.ts";

/** A column of the target and the SQL of its value. */
export interface BoundColumn {
  name: string;
  type: string;
  /** The SQL of the value, with the source row as "source". */
  value: string;
  /** The expression in the mapping. */
  expression: string;
  isRequired: boolean;
  default: string | null;
  /** Whether it is an identity column. */
  isIdentity: boolean;
}

/** A note that is recorded for an imported row, in SQL. */
export interface BoundWarning {
  when: string;
  reason: string;
  /** A text that is appended to the reason. */
  value?: string;
}

/** A mapping of a table, resolved against the actual columns of source and target. */
export interface BoundTable {
  /** The name of the mapping: its `as`, else its `from`. */
  name: string;
  mapping: TableMapping;
  source: Table;
  columns: BoundColumn[];
  /**
   * Columns of the source that no expression reads and that neither `rest` nor `keeps` includes.
   */
  unread: string[];
  /** Columns of the source that are added to the target. */
  kept: SourceColumn[];
  /** Columns of the source that no expression reads and whose names indicate a secret. */
  secret: string[];
  /** Notes about values that are left out of imported rows, with the source row as "source". */
  warnings: BoundWarning[];
  /** Names in expressions that the source does not have, by column of the target. */
  missing: Record<string, string[]>;
  labels: Design["labels"];
  timezone: string;
}

/** The options of {@link bindTable}. */
export interface BindOptions {
  labels: Design["labels"];
  timezone: string;
}

/** The name of a mapping. */
export function mappingName({ as, from }: TableMapping): string {
  return as ?? from.split("|")[0]?.trim() ?? from;
}

/**
 * Binds a mapping to a table of the source.
 *
 * @param target The columns of the table of Agentbase; empty if its migrations are not applied yet.
 */
export function bindTable(
  mapping: TableMapping,
  source: Table,
  target: readonly TargetColumn[],
  { labels, timezone }: BindOptions,
): BoundTable {
  const scope = {
    alias: "source",
    columns: source.columns,
    labels,
    timezone,
    schema: source.schema,
  };
  const render = (expression: string) => renderExpression(expression, scope);
  const { columns, missing } = bindColumns(mapping, source, target, render);
  const { free, secret, kept } = unreadColumns(mapping, source, target, columns);
  columns.push(...kept.map(keptColumn));
  const rest = columns.find(({ name }) => name === mapping.rest);
  if (rest !== undefined && free.length > 0) {
    rest.value = `(${restOf(free)} || coalesce(${rest.value}, '{}'))`;
  }
  const warnings = mapping.warnings.map(({ when, reason, value }) => ({
    when: render(when),
    reason,
    ...value === undefined ? {} : { value: `left((${render(value)})::text, 200)` },
  }));
  if (hasSharedDocuments(mapping)) {
    const isKept = (name: string) => kept.some((column) => column.name === name);
    warnings.push(...columns.flatMap((column) => leaveSecretsOut(column, isKept(column.name))));
  }
  return {
    name: mappingName(mapping),
    mapping,
    source,
    columns,
    unread: mapping.rest === undefined
      ? free.filter((column) => !kept.includes(column)).map(({ name }) => name)
      : [],
    kept,
    secret,
    warnings,
    missing,
    labels,
    timezone,
  };
}

/**
 * The columns of the target that a mapping fills.
 *
 * @param render Writes an expression as SQL.
 */
function bindColumns(
  mapping: TableMapping,
  source: Table,
  target: readonly TargetColumn[],
  render: (expression: string) => string,
): Pick<BoundTable, "columns" | "missing"> {
  const missing: Record<string, string[]> = {};
  const columns: BoundColumn[] = [];
  for (const [name, expression] of Object.entries(expressionsOf(mapping, source, target))) {
    const found = target.find((column) => column.name === name);
    if (found === undefined && target.length > 0) continue;
    const lacks = columnsOf(expression, source.columns).missing;
    if (lacks.length > 0) missing[name] = lacks;
    const value = render(expression);
    // A row without an id gets one derived from its number, by which it can be found again.
    const isId = name === "id" && mapping.key.join() === "id" && !mapping.same &&
      found?.type === "uuid";
    columns.push({
      name,
      expression,
      type: found?.type ?? "text",
      value: isId ? `coalesce(${value}, ${idOfNumber(mapping, source)})` : value,
      isRequired: found?.isRequired ?? false,
      default: found?.default ?? null,
      isIdentity: found?.isIdentity ?? false,
    });
  }
  return { columns, missing };
}

/**
 * The columns of the source that no expression reads: `free` ones may be imported, `kept` ones of
 * these are added to the target, and `secret` has the names of those that hold a secret.
 *
 * @param columns The columns of the target that the mapping fills.
 */
function unreadColumns(
  mapping: TableMapping,
  source: Table,
  target: readonly TargetColumn[],
  columns: readonly BoundColumn[],
): { free: SourceColumn[]; secret: string[]; kept: SourceColumn[] } {
  const unread = mapping.same
    ? freeColumns(mapping, source).filter(({ name }) => !columns.some((one) => one.name === name))
    : freeColumns(mapping, source);
  // Clients can read kept columns and documents. Agentbase's own tables have their secrets
  // encrypted.
  const secret = mapping.same ? [] : unread.filter(isSecretColumn).map(({ name }) => name);
  const free = unread.filter(({ name }) => !secret.includes(name));
  const kept = mapping.keeps
    ? free.filter(({ name }) => !target.some((column) => column.name === name && !column.isKept))
    : [];
  return { free, secret, kept };
}

/** A column of the source as a column of the target. */
function keptColumn(column: SourceColumn): BoundColumn {
  return {
    ...column,
    value: `source.${quoteName(column.name)}`,
    expression: `{${column.name}}`,
    isRequired: false,
    default: null,
    isIdentity: false,
  };
}

/**
 * The SQL of an id for a row without one, derived from its number "k.n"; null if it has no number.
 */
function idOfNumber(mapping: TableMapping, { schema }: Table): string {
  return `case when k.n > 0 then agentbase_import.to_uuid(${quoteText(mappingName(mapping))}, ${
    quoteText(`${schema}:`)
  } || k.n) end`;
}

/** The expressions of a mapping, and those of columns that both sides have. */
function expressionsOf(
  mapping: TableMapping,
  source: Table,
  target: readonly TargetColumn[],
): Record<string, string> {
  if (!mapping.same) return mapping.columns;
  const names = source.columns.map(({ name }) => name).filter((name) => {
    const found = target.find((column) => column.name === name);
    const isCopied = found === undefined
      ? target.length === 0
      : !found.isGenerated && !found.isIdentity;
    return isCopied && !(name in mapping.ignored) && !stagingColumns.includes(name);
  });
  const copied = Object.fromEntries(names.map((name) => {
    const type = target.find((column) => column.name === name)?.type;
    const isTyped = type === "jsonb" || type === "text[]";
    return [name, isTyped ? `{${name}:${type}}` : `{${name}}`];
  }));
  return { ...copied, ...mapping.columns };
}

/** The column of a copy with the reason why a row cannot be stored. */
export const problemColumn = "import_problem";

/** The columns that a copy adds to those of its source. */
const stagingColumns = ["import_line", "import_text", problemColumn];

/** The columns of the source that no expression reads. */
function freeColumns(mapping: TableMapping, source: Table): SourceColumn[] {
  const expressions = [
    ...Object.values(mapping.columns),
    ...mapping.skip.map(({ when }) => when),
    ...mapping.warnings.flatMap(({ when, value }) => [when, value ?? ""]),
    mapping.each ?? "",
    ...mapping.order.map((names) => `{${names}}`),
  ];
  const read = new Set(expressions.flatMap((one) => columnsOf(one, source.columns).read));
  return source.columns.filter(({ name }) =>
    !read.has(name) && !(name in mapping.ignored) && !stagingColumns.includes(name)
  );
}

/**
 * Whether other users than its owner can read the documents of a row: these must not contain
 * secrets. The content of conversations is imported unchanged, also that without a person.
 */
function hasSharedDocuments({ same, into }: TableMapping): boolean {
  return !same && into !== "chat_messages" && into !== "mcp_sessions";
}

/**
 * Removes secrets from a column that is a document, or a text whose purpose only the project knows,
 * and records a note for each row that has some.
 */
function leaveSecretsOut(column: BoundColumn, isKept: boolean): BoundWarning[] {
  const reason = `left out of ${column.name}, because it is a secret`;
  if (isKept && /^(text|character)/.test(column.type) && !column.type.endsWith("[]")) {
    const text = `(${column.value})::text`;
    column.value = `agentbase_import.plain_text(${text})`;
    return [{ when: `${column.value} <> ${text}`, reason, value: "'a part of the text'" }];
  }
  if (!/^jsonb?$/.test(column.type)) return [];
  const document = `(${column.value})::jsonb`;
  column.value = `agentbase_import.without_secrets(${document})`;
  return [{
    when: `agentbase_import.secret_paths(${document}) is not null`,
    reason,
    value: `agentbase_import.secret_paths(${document})`,
  }];
}

/** The SQL of a document of columns, without nulls. */
function restOf(columns: readonly SourceColumn[]): string {
  const fields = columns.map(({ name }) =>
    `'${name.replaceAll("'", "''")}', source.${quoteName(name)}`
  );
  // A function takes at most 100 arguments.
  const parts: string[] = [];
  for (let start = 0; start < fields.length; start += 40) {
    parts.push(`jsonb_build_object(${fields.slice(start, start + 40).join(", ")})`);
  }
  return `jsonb_strip_nulls(${parts.join(" || ")})`;
}

/** The scope of expressions over the source of a mapping. */
export function scopeOf({ source, labels, timezone }: BoundTable): ExpressionScope {
  return { alias: "source", columns: source.columns, labels, timezone, schema: source.schema };
}

/** The SQL by which the rows of a table are ordered; its key at the end makes the order unique. */
export function orderOf(bound: BoundTable): string {
  const { mapping, source } = bound;
  const columns = mapping.order.map((names) => findColumn(names, source.columns))
    .filter((column) => column !== null);
  const scope = scopeOf(bound);
  const parts = [
    ...columns.map(({ name, type }) =>
      /^(timestamp|date|integer|bigint|smallint|numeric|text|character)/.test(type)
        ? renderExpression(`{${name}}`, scope)
        : renderExpression(`{${name}:text}`, scope)
    ),
    ...(source.key.length === 0
      ? ["source.ctid"]
      : source.key.map((name) => `source.${quoteName(name)}`)),
  ];
  return parts.join(", ");
}
