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
  /** The value, over the relation "source". */
  value: string;
  /** The expression as the mapping has it. */
  expression: string;
  isRequired: boolean;
  default: string | null;
  /** Whether the database numbers it otherwise. */
  isIdentity: boolean;
}

/** What is noted of rows that are imported, in SQL. */
export interface BoundWarning {
  when: string;
  reason: string;
  /** A text that follows the reason. */
  value?: string;
}

/** A mapping of a table, with what source and target really have. */
export interface BoundTable {
  /** The name of the mapping: its `as`, else its `from`. */
  name: string;
  mapping: TableMapping;
  source: Table;
  columns: BoundColumn[];
  /** Columns of the source that no expression reads, and that neither `rest` nor `keeps` takes. */
  unread: string[];
  /** Columns of the source that become columns of the target. */
  kept: SourceColumn[];
  /** Columns of the source that no expression reads and whose names say that they hold a secret. */
  secret: string[];
  /** What is left out of rows that are imported, over the relation "source". */
  warnings: BoundWarning[];
  /** Names that expressions read and the source lacks, by column of the target. */
  missing: Record<string, string[]>;
  labels: Design["labels"];
  timezone: string;
}

/** What a mapping is bound with. */
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
 * @param target The columns of the table of Agentbase; none where its migrations are not applied yet.
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
    // A row without an id is known by its number, or it could not be found again.
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
 * The columns of the source that no expression reads: those that may be imported nevertheless, those of
 * them that become columns of the target, and the names of those that hold a secret.
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
  // Clients read what is kept, and documents. Our own tables have their secrets encrypted.
  const secret = mapping.same ? [] : unread.filter(isSecretColumn).map(({ name }) => name);
  const free = unread.filter(({ name }) => !secret.includes(name));
  const kept = mapping.keeps
    ? free.filter(({ name }) => !target.some((column) => column.name === name && !column.isKept))
    : [];
  return { free, secret, kept };
}

/** A column of the source as one of the target. */
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

/** The id of a row that has none in its source, of its number "k.n"; null where it has no number. */
function idOfNumber(mapping: TableMapping, { schema }: Table): string {
  return `case when k.n > 0 then agentbase_import.to_uuid(${quoteText(mappingName(mapping))}, ${
    quoteText(`${schema}:`)
  } || k.n) end`;
}

/** The expressions of a mapping, with those of the columns that both sides have. */
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

/** The column of a copy that says why a row cannot be stored as its source has it. */
export const problemColumn = "import_problem";

/** What a copy has beside the columns of its source. */
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
 * Whether others than the person whose row it is may read the documents of a table: secrets stay out.
 * What was said in a conversation stays as it was said, also where it has no person.
 */
function hasSharedDocuments({ same, into }: TableMapping): boolean {
  return !same && into !== "chat_messages" && into !== "mcp_sessions";
}

/**
 * Leaves secrets out of a column that is a document, or a text that only the project knows what it is
 * for, and says so of each row that has some.
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

/** A document of columns, without those that are null. */
function restOf(columns: readonly SourceColumn[]): string {
  const fields = columns.map(({ name }) =>
    `'${name.replaceAll("'", "''")}', source.${quoteName(name)}`
  );
  // A function takes at most a hundred arguments.
  const parts: string[] = [];
  for (let start = 0; start < fields.length; start += 40) {
    parts.push(`jsonb_build_object(${fields.slice(start, start + 40).join(", ")})`);
  }
  return `jsonb_strip_nulls(${parts.join(" || ")})`;
}

/** What expressions over the source of a mapping may refer to. */
export function scopeOf({ source, labels, timezone }: BoundTable): ExpressionScope {
  return { alias: "source", columns: source.columns, labels, timezone, schema: source.schema };
}

/** The SQL by which the rows of a table are ordered; its key at the end makes it definite. */
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
