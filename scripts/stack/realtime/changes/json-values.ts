/** A type of the database, as far as its text form matters. */
export interface ValueType {
  /** `pg_type.typname`, such as `int8` or `_text`. */
  name: string;
  /** The type of the elements of an array. */
  element: ValueType | null;
}

const numbers = new Set(["int2", "int4", "int8", "float4", "float8", "numeric", "oid"]);

/**
 * The JSON of a value in its text form, as `to_jsonb` has it. A number that JavaScript cannot hold
 * stays a text, which the client reads as a number.
 */
export function jsonValue(text: string | null, type: ValueType): unknown {
  if (text === null) return null;
  if (type.element !== null) return readArray(text, type.element);
  if (numbers.has(type.name)) return exactNumber(text);
  switch (type.name) {
    case "bool":
      return text === "t";
    case "json":
    case "jsonb":
      return JSON.parse(text);
    case "timestamp":
      return text.replace(" ", "T");
    case "timestamptz":
      return text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00");
    default:
      return text;
  }
}

/** Without its trailing zeros after the point, a number must be what JavaScript writes. */
function exactNumber(text: string): number | string {
  const value = Number(text);
  const digits = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return Number.isFinite(value) && String(value) === digits ? value : text;
}

/** Reads `{a,"b c",{nested}}`; an array with bounds of its own (`[0:1]={…}`) loses them. */
function readArray(text: string, element: ValueType): unknown {
  const tokens = text.slice(text.indexOf("{"))
    .match(/[{},]|"(?:[^"\\]|\\.)*"|[^{},"]+/gs) ?? [];
  let index = 0;
  const readItem = (): unknown => {
    const token = tokens[index++] ?? "";
    if (token === "{") return readItems();
    if (token.startsWith('"')) {
      return jsonValue(token.slice(1, -1).replaceAll(/\\(.)/gs, "$1"), element);
    }
    return token.toUpperCase() === "NULL" ? null : jsonValue(token, element);
  };
  const readItems = (): unknown[] => {
    const items: unknown[] = [];
    while (index < tokens.length && tokens[index] !== "}") {
      if (tokens[index] === ",") index++;
      else items.push(readItem());
    }
    index++;
    return items;
  };
  return readItem();
}
