import type postgres from "postgres";
import type { TableColumn } from "./catalogue.ts";
import { type Condition, sqlOperator } from "./filters.ts";

/** A condition on a column whose type is known; its values are as Postgres writes them. */
export interface TypedCondition extends Condition {
  sqlType: string;
  /** Whether equal values have equal texts. */
  isCanonical: boolean;
}

/** Types of which two values are equal when their texts are. */
const canonicalTypes = new Set(
  ["uuid", "text", "varchar", "bool", "int2", "int4", "int8", "date", "timestamp", "timestamptz"],
);

/** Operators that compare with values of the column's own type. */
const typed = new Set(["eq", "neq", "lt", "lte", "gt", "gte", "in", "isdistinct"]);

/**
 * Reads the values of a condition as the type of its column.
 *
 * @throws {Error} of Postgres, where a value is none of that type or a pattern does not compile.
 */
export async function typeCondition(
  sql: postgres.Sql,
  condition: Condition,
  { type, sqlType }: TableColumn,
): Promise<TypedCondition> {
  const { operator, values } = condition;
  if (operator === "is" && values[0] !== "null" && type.name !== "bool") {
    throw new Error(`is.${values[0]} needs a boolean column`);
  }
  const read = typed.has(operator)
    ? await Promise.all(values.map(async (value) => {
      const [row] = await sql.unsafe<{ text: string }[]>(
        `select format('%s', ($1::text)::${sqlType}) as text`,
        [value],
      );
      return row?.text ?? value;
    }))
    : values;
  const isCanonical = canonicalTypes.has(type.name);
  const result = { ...condition, values: read, sqlType, isCanonical };
  if (!typed.has(operator) && operator !== "is") await ask(sql, result, "");
  return result;
}

/** Whether a value meets a condition; null meets none, as in SQL. */
export async function meets(
  sql: postgres.Sql,
  condition: TypedCondition,
  value: string | null,
): Promise<boolean> {
  const { operator, isNegated, isCanonical, values } = condition;
  if (operator === "is") return isTruth(value, values[0] ?? "") !== isNegated;
  if (operator === "isdistinct" && (value === null || isCanonical)) {
    return (value !== values[0]) !== isNegated;
  }
  if (value === null) return false;
  if (isCanonical && (operator === "eq" || operator === "in")) {
    return values.includes(value) !== isNegated;
  }
  if (isCanonical && operator === "neq") return (value !== values[0]) !== isNegated;
  return await ask(sql, condition, value);
}

function isTruth(value: string | null, truth: string): boolean {
  if (truth === "true") return value === "t";
  if (truth === "false") return value === "f";
  return value === null;
}

async function ask(
  sql: postgres.Sql,
  { operator, isNegated, values, sqlType }: TypedCondition,
  value: string,
): Promise<boolean> {
  const right = values.map((_, index) => `($${index + 2}::text)::${sqlTypeOf(operator, sqlType)}`);
  const list = operator === "in" ? `(${right.join(", ")})` : right.join();
  const left = `($1::text)::${sqlTypeOf(operator, sqlType)}`;
  const question = `${left} ${sqlOperator(operator)} ${list}`;
  const [row] = await sql.unsafe<{ is_met: boolean | null }[]>(
    `select ${isNegated ? `not (${question})` : question} as is_met`,
    [value, ...values],
  );
  return row?.is_met === true;
}

/** Patterns are matched with texts, everything else as the column's type. */
function sqlTypeOf(operator: Condition["operator"], sqlType: string): string {
  return typed.has(operator) ? sqlType : "text";
}
