import { CommandError } from "../../../common/command-error.ts";

/** A column of the source, with its type as Postgres writes it. */
export interface SourceColumn {
  name: string;
  type: string;
  /** Whether it is a generated column, which cannot be written. */
  isGenerated?: boolean;
}

/** What an expression of a mapping may refer to. */
export interface ExpressionScope {
  /** The relation that has the columns, such as "source". */
  alias: string;
  columns: readonly SourceColumn[];
  /** Values that have other names in the target, by the name of the list. */
  labels: Record<string, Record<string, string>>;
  /** The time zone of times without one. */
  timezone: string;
  /** The schema of the source. */
  schema: string;
}

/** Matches `{name|other:type}`, but not the empty document `'{}'`. */
const placeholder = /\{([a-zA-Z_][\w .|-]*)(?::([a-z_]+)(?:\(([\w-]+)\))?(\[\])?)?\}/g;

/**
 * Matches `{@schema}`, the name of the source's schema, or `{@vendors}`, a list of labels as a
 * document.
 */
const context = /\{@([a-z_]+)\}/g;

/** Quotes a name for SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for SQL. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Renders an expression of a mapping as SQL. `{text|content}` is the first of these columns that
 * the source has, else null; `{id:uuid(bots)}` is the same, converted to that type.
 */
export function renderExpression(expression: string, scope: ExpressionScope): string {
  return expression.replaceAll(
    context,
    (_, name: string) =>
      quoteText(name === "schema" ? scope.schema : JSON.stringify(scope.labels[name] ?? {})),
  ).replaceAll(
    placeholder,
    (_, names: string, type?: string, argument?: string, list?: string) => {
      const column = findColumn(names, scope.columns);
      if (column === null) return "null";
      const value = `${scope.alias}.${quoteName(column.name)}`;
      return type === undefined ? value : convert(value, column.type, type + (list ?? ""), {
        argument,
        scope,
      });
    },
  );
}

/**
 * The columns of the source that an expression reads, and the names that the source does not have.
 */
export function columnsOf(
  expression: string,
  columns: readonly SourceColumn[],
): { read: string[]; missing: string[] } {
  const read: string[] = [];
  const missing: string[] = [];
  for (const [, names = ""] of expression.matchAll(placeholder)) {
    const column = findColumn(names, columns);
    if (column === null) missing.push(names);
    else read.push(column.name);
  }
  return { read, missing };
}

/** The first existing column among names that are separated by `|`. */
export function findColumn(names: string, columns: readonly SourceColumn[]): SourceColumn | null {
  for (const name of names.split("|").map((one) => one.trim())) {
    const column = columns.find((one) => one.name === name);
    if (column !== undefined) return column;
  }
  return null;
}

interface Conversion {
  argument: string | undefined;
  scope: ExpressionScope;
}

/**
 * Converts a value from one type to another. A value that cannot be converted is an error of its
 * row.
 */
function convert(value: string, from: string, to: string, conversion: Conversion): string {
  const { argument, scope } = conversion;
  const isText = !knownTypes.test(from) && !from.endsWith("[]");
  switch (to) {
    case "uuid":
      return from === "uuid"
        ? value
        : `agentbase_import.to_uuid(${quoteText(argument ?? "")}, ${value}::text)`;
    case "time":
      return timeOf(value, from, scope.timezone);
    case "label":
      return labelOf(value, scope.labels[argument ?? ""] ?? {});
    case "jsonb":
      if (from.endsWith("[]")) return `to_jsonb(${value})`;
      return isText ? `nullif(btrim(${value}::text), '')::jsonb` : `${value}::jsonb`;
    case "boolean":
      return /^(smallint|integer|bigint)$/.test(from) ? `(${value} <> 0)` : `${value}::boolean`;
    case "text[]":
      if (from === "json" || from === "jsonb") return `agentbase_import.to_texts(${value}::jsonb)`;
      return from.endsWith("[]") ? `${value}::text[]` : `agentbase_import.split(${value}::text)`;
    case "text":
      return from === "json" || from === "jsonb" ? `(${value}::jsonb #>> '{}')` : `${value}::text`;
    case "integer":
    case "bigint":
    case "numeric":
    case "inet":
      return isText ? `nullif(btrim(${value}::text), '')::${to}` : `${value}::${to}`;
    default:
      throw new CommandError(
        `Cannot read the mapping: "${to}" in "{…:${to}}" is not a type. Known types are uuid, time, label, jsonb, boolean, text, text[], integer, bigint, numeric and inet.`,
      );
  }
}

const knownTypes =
  /^(uuid|jsonb?|boolean|smallint|integer|bigint|real|double precision|numeric|date|time|interval|inet|bytea)/;

/** Converts a value to a timestamp; numbers are seconds or milliseconds since 1970. */
function timeOf(value: string, from: string, timezone: string): string {
  if (from.startsWith("timestamp") && from.endsWith("without time zone") || from === "date") {
    return `(${value}::timestamp at time zone ${quoteText(timezone)})`;
  }
  if (from.startsWith("timestamp")) return value;
  if (/^(smallint|integer|bigint|real|double precision|numeric)/.test(from)) {
    return `agentbase_import.from_epoch(${value}::numeric)`;
  }
  return `agentbase_import.to_time(${value}::text, ${quoteText(timezone)})`;
}

/** Translates a value by a list, ignoring case; a value that is not in the list is unchanged. */
function labelOf(value: string, labels: Record<string, string>): string {
  const text = `lower(btrim(${value}::text))`;
  const cases = Object.entries(labels)
    .map(([from, to]) => `when ${quoteText(from.toLowerCase())} then ${quoteText(to)}`);
  return cases.length === 0 ? text : `(case ${text} ${cases.join(" ")} else ${text} end)`;
}
