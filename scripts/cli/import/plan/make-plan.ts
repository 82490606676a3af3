import postgres, { type Sql, type TransactionSql } from "postgres";
import { type Adoption, examineAdoption } from "../adopt/examine.ts";
import { type BoundTable, scopeOf } from "../design/bind.ts";
import { quoteName, renderExpression } from "../design/expression.ts";
import type { Recognised } from "../design/recognise.ts";
import { mappedRows, sourceTable } from "../design/statements.ts";
import { hasMigrations, prepareState } from "../state/prepare-state.ts";

/** The plan for a table. */
export interface TablePlan {
  bound: BoundTable;
  rows: number;
  seconds: number;
  /** The number of rows that cannot be imported, by reason; null if not known yet. */
  refused: { reason: string; rows: number }[] | null;
  /** Rows that the mapping skips. */
  skipped: { why: string; rows: number }[];
  /** What would be left out of imported rows. */
  noted: { reason: string; rows: number }[];
}

/** The plan for a source. */
export interface Plan {
  recognised: Recognised;
  isMigrated: boolean;
  tables: TablePlan[];
  /**
   * What the migrations would do to tables with the same names; null if they are applied already.
   */
  adoption: Adoption | null;
  /** Conversations and costs that the retention of the plan "starter" would remove. */
  tooOld: { table: string; rows: number; days: number }[];
}

/** Rows per second, as measured on two processors (docs/benchmarks.md, Import). */
const rates: Record<string, number> = {
  chat_messages: 36_200,
  ai_interactions: 11_900,
  chat_sessions: 24_800,
};
const otherRate = 1_590;

/** Thrown to roll the examination back. */
class Undo extends Error {}

/** Determines what an import would do. All its changes are rolled back. */
export async function makePlan(sql: Sql, recognised: Recognised): Promise<Plan> {
  const isMigrated = await hasMigrations(sql);
  const adoption = isMigrated ? null : await examineAdoption(sql, recognised);
  const tables: TablePlan[] = [];
  let tooOld: Plan["tooOld"] = [];
  try {
    await sql.begin(async (transaction) => {
      if (isMigrated) await prepareState(transaction);
      for (const bound of recognised.tables) {
        tables.push(await planTable(transaction, bound, recognised, isMigrated));
      }
      if (isMigrated) tooOld = await findTooOld(transaction, recognised);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return { recognised, isMigrated, tables, adoption, tooOld };
}

async function planTable(
  sql: TransactionSql,
  bound: BoundTable,
  recognised: Recognised,
  isMigrated: boolean,
): Promise<TablePlan> {
  const table = sourceTable(bound);
  const [count] = await sql.unsafe<{ rows: number }[]>(
    `select count(*)::float as rows from ${table}`,
  );
  const rows = count?.rows ?? 0;
  const seconds = rows / (rates[bound.mapping.into] ?? otherRate);
  const plan: TablePlan = { bound, rows, seconds, refused: null, skipped: [], noted: [] };
  if (!isMigrated || rows === 0) return plan;
  for (const { when, why } of bound.mapping.skip) {
    const found = await countRows(
      sql,
      `${table} source where ${renderExpression(when, scopeOf(bound))}`,
    );
    if (found > 0) plan.skipped.push({ why, rows: found });
  }
  for (const { when, reason } of bound.warnings) {
    const found = await countRows(sql, `${table} source where ${when}`);
    if (found > 0) plan.noted.push({ reason, rows: found });
  }
  plan.refused = await countRefused(sql, bound, recognised);
  return plan;
}

async function countRows(sql: TransactionSql, from: string): Promise<number> {
  try {
    const [row] = await sql.savepoint((inner) =>
      inner.unsafe<{ rows: number }[]>(`select count(*)::float as rows from ${from}`)
    );
    return row?.rows ?? 0;
  } catch (error) {
    if (error instanceof postgres.PostgresError) return 0;
    throw error;
  }
}

/** How many rows are refused, by reason; values in a reason are left out. */
async function countRefused(
  sql: TransactionSql,
  bound: BoundTable,
  recognised: Recognised,
): Promise<{ reason: string; rows: number }[]> {
  const rows = {
    from: `${sourceTable(bound)} source cross join (select 0::bigint as n) k`,
    where: "true",
  };
  const key = bound.mapping.key.map(quoteName).join(", ");
  const mapped = mappedRows(bound, rows, {
    planned: recognised.tables,
    keepsNulls: false,
  });
  try {
    return await sql.savepoint((inner) =>
      inner.unsafe<{ reason: string; rows: number }[]>(`
        with mapped as materialized (${mapped})
        select regexp_replace(import_reason, '(: |^\\w+ )[^ :]*$|(?<=^\\w{1,40} )[0-9a-f-]{36}', '\\1…')
          as reason, count(*)::float as rows
        from mapped where import_reason is not null group by 1
        union all
        select 'another row has the same key', sum(repeated.rows - 1)::float
        from (
          select count(*) as rows from mapped
          where import_reason is null and num_nulls(${key}) = 0 group by ${key}
        ) repeated
        where repeated.rows > 1 having count(*) > 0
        order by 2 desc limit 20`)
    );
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    return [{ reason: `a value cannot be converted (${error.message})`, rows: 1 }];
  }
}

async function findTooOld(sql: TransactionSql, { tables }: Recognised): Promise<Plan["tooOld"]> {
  const found: Plan["tooOld"] = [];
  const places = [
    ["chat_sessions", "last_activity_at", "conversation_days"],
    ["ai_interactions", "started_at", "interaction_days"],
  ] as const;
  for (const [into, column, setting] of places) {
    const bound = tables.find(({ mapping }) => mapping.into === into);
    const expression = bound?.mapping.columns[column];
    if (bound === undefined || expression === undefined) continue;
    const [plan] = await sql.unsafe<{ days: number | null }[]>(
      `select ${setting} as days from public.plans where id = 'starter'`,
    );
    if (typeof plan?.days !== "number") continue;
    const rows = await countRows(
      sql,
      `${sourceTable(bound)} source where ${renderExpression(expression, scopeOf(bound))}
        < now() - ${plan.days} * interval '1 day'`,
    );
    if (rows > 0) found.push({ table: bound.name, rows, days: plan.days });
  }
  return found;
}
