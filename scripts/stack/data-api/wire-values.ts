import type postgres from "postgres";

/**
 * How values travel between Postgres and the Data API, where the driver's own way would show: numbers
 * keep the digits that Postgres wrote, times are ISO 8601, and JSON that the API has already written
 * out is not written out a second time. All as PostgREST does.
 */
export const wireValues: Record<string, postgres.PostgresType> = {
  bigint: { to: 20, from: [20], serialize: String, parse: exactInteger },
  numeric: { to: 1700, from: [1700], serialize: String, parse: exactNumber },
  json: { to: 114, from: [114], serialize: writeJson, parse: readJson },
  jsonb: { to: 3802, from: [3802], serialize: writeJson, parse: readJson },
  timestamp: { to: 1114, from: [1114], serialize: String, parse: isoTime },
  timestamptz: { to: 1184, from: [1184], serialize: String, parse: isoTime },
  boolean: { to: 16, from: [16], serialize: String, parse: (text: string) => text === "t" },
  text: { to: 25, from: [25, 1043], serialize: writeText, parse: String },
  date: { to: 1082, from: [1082], serialize: String, parse: String },
  time: { to: 1083, from: [1083], serialize: String, parse: String },
  timetz: { to: 1266, from: [1266], serialize: String, parse: String },
  bytea: { to: 17, from: [17], serialize: String, parse: String },
};

/** Dimensions that an array of Postgres has at most. */
const MAX_DIMENSIONS = 6;

/**
 * A value of a request as a parameter that the database reads as the type of its column, and refuses
 * if it is of another. The driver itself would guess a type from the value, and end the connection over
 * one that its writer for the column cannot write.
 */
export function wireParameter(
  sql: postgres.Sql,
  value: postgres.ParameterOrJSON<never>,
): postgres.ParameterOrJSON<never> {
  if (value === null || value === undefined || typeof value === "string") return value;
  if (!Array.isArray(value) || dimensionsOf(value) > MAX_DIMENSIONS) return writeText(value);
  return sql.typed(value, 0);
}

/** How deep arrays are nested, by their first elements. */
function dimensionsOf(value: unknown): number {
  let dimensions = 0;
  for (let inner = value; Array.isArray(inner); inner = inner[0]) dimensions++;
  return dimensions;
}

function writeText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The API itself calculates with counts, which are always small enough to be plain numbers. */
function exactInteger(text: string): unknown {
  return Number.isSafeInteger(Number(text)) ? Number(text) : rawJson(text);
}

/** A number that `JSON.stringify` writes with exactly these digits; NaN and infinity become text. */
function exactNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? rawJson(text) : text;
}

function readJson(text: string): unknown {
  return JSON.parse(text, (_key, value, context?: { source?: string }) => {
    const source = context?.source;
    const isRounded = typeof value === "number" && source !== undefined && String(value) !== source;
    return isRounded ? rawJson(source) : value;
  });
}

/** The API passes JSON parameters as text, and text inside JSON columns as it is. */
function writeJson(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

/** "2026-01-02 03:04:05.6+00" as "2026-01-02T03:04:05.6+00:00". */
function isoTime(text: string): string {
  return text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
}

function rawJson(text: string): unknown {
  // SAFETY: the engine has JSON.rawJSON (ES2026); TypeScript's library does not declare it yet.
  return (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON(text);
}
