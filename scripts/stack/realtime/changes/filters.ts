/** Comparisons that a filter may name. */
const operators = {
  eq: "=",
  neq: "<>",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  in: "in",
  is: "is",
  like: "like",
  ilike: "ilike",
  match: "~",
  imatch: "~*",
  isdistinct: "is distinct from",
} as const;

/** A comparison, such as `eq`. */
export type Operator = keyof typeof operators;

/** A condition of a subscription, such as `created_by=eq.…`. */
export interface Condition {
  column: string;
  operator: Operator;
  isNegated: boolean;
  /** One value; several for `in`. */
  values: string[];
}

/** Most values of `in`. */
const mostValues = 100;

/** What `is` may be followed by. */
const truths = ["null", "true", "false", "unknown"];

/** Why a filter cannot be read. */
export class FilterRefused extends Error {
  override name = "FilterRefused";
}

/**
 * Reads conditions that are joined by commas, which do not count within parentheses or quotes.
 *
 * @throws {FilterRefused}
 */
export function readFilter(filter: string): Condition[] {
  return splitOutside(filter).map(readCondition);
}

/** The comparison in SQL. */
export function sqlOperator(operator: Operator): string {
  return operators[operator];
}

function readCondition(text: string): Condition {
  const parts = /^([^=]+)=(not\.)?([a-z]+)\.(.*)$/s.exec(text);
  const [, column = "", not, name = "", value = ""] = parts ?? [];
  if (parts === null || !isOperator(name)) {
    throw new FilterRefused(`Error parsing \`filter\` params: ${JSON.stringify(text)}`);
  }
  const values = name === "in" ? readList(text, value) : [unquoted(value)];
  if (name === "is" && !truths.includes(value)) {
    throw new FilterRefused(`Error parsing \`filter\` params: ${JSON.stringify(text)}`);
  }
  return { column: unquoted(column.trim()), operator: name, isNegated: not !== undefined, values };
}

function readList(text: string, value: string): string[] {
  if (!/^\(.*\)$/s.test(value)) {
    throw new FilterRefused(`Error parsing \`filter\` params: ${JSON.stringify(text)}`);
  }
  const values = splitOutside(value.slice(1, -1)).map(unquoted);
  if (values.length > mostValues) {
    throw new FilterRefused(
      `Error parsing \`filter\` params: \`in\` takes at most ${mostValues} values`,
    );
  }
  return values;
}

function isOperator(name: string): name is Operator {
  return Object.hasOwn(operators, name);
}

/** A value without its quotes, in which a backslash stands before what is meant literally. */
function unquoted(value: string): string {
  return /^".*"$/s.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/gs, "$1") : value;
}

/** Splits at commas outside of parentheses and quotes. */
function splitOutside(text: string): string[] {
  const parts = text.match(/(?:\((?:"(?:[^"\\]|\\.)*"|[^")])*\)|"(?:[^"\\]|\\.)*"|[^,])+/gs);
  return parts ?? [];
}
