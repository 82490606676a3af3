import type postgres from "postgres";
import { LEDGER_CHECKS } from "./ledger-checks.ts";

/** A rule that must hold once all turns are settled, and the rows that violate it. */
export interface Finding {
  name: string;
  broken: number;
  example: string;
}

/** What the ledger holds, for the report. */
export interface LedgerFigures {
  turns: number;
  succeeded: number;
  partial: number;
  failed: number;
  abandoned: number;
  executions: number;
  messages: number;
  embeddings: number;
  cost: string;
}

/** Waits until no turn runs any more, but no longer than given; returns how many still do. */
export async function waitUntilSettled(sql: postgres.Sql, milliseconds: number): Promise<number> {
  const deadline = Date.now() + milliseconds;
  while (true) {
    const [row] = await sql<{ running: number }[]>`
      select count(*)::int as running from private.running_turns`;
    const running = row?.running ?? 0;
    if (running === 0 || Date.now() > deadline) return running;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Sweeps every turn that is still running, whatever its lease says; returns how many that were. */
export async function sweepAll(sql: postgres.Sql): Promise<number> {
  let swept = 0;
  while (true) {
    const [row] = await sql<{ swept: number }[]>`
      select public.sweep_chat_turns('infinity') as swept`;
    if (!row || row.swept === 0) return swept;
    swept += row.swept;
  }
}

/** Counts what there is. */
export async function countLedger(sql: postgres.Sql): Promise<LedgerFigures> {
  const [row] = await sql<LedgerFigures[]>`
    select count(*)::int as turns,
      count(*) filter (where turn_state = 'succeeded')::int as succeeded,
      count(*) filter (where turn_state = 'partial')::int as partial,
      count(*) filter (where turn_state = 'failed')::int as failed,
      count(*) filter (where error_code = 'abandoned')::int as abandoned,
      (select count(*)::int from public.agent_executions) as executions,
      (select count(*)::int from public.chat_messages) as messages,
      count(*) filter (where source = 'embedding')::int as embeddings,
      coalesce(sum(total_cost), 0)::text as cost
    from public.ai_interactions where source <> 'manual'`;
  if (!row) throw new Error("Cannot count the ledger: no row came back");
  return row;
}

/** Checks the whole ledger; every comparison is exact. */
export async function evaluateLedger(sql: postgres.Sql): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { name, broken } of LEDGER_CHECKS) {
    const rows = await sql.unsafe(broken);
    findings.push({ name, broken: rows.length, example: JSON.stringify(rows[0] ?? null) });
  }
  return findings;
}
