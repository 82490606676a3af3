import type postgres from "postgres";
import { CommandError } from "../../../common/command-error.ts";

/** The contents of the ledger. */
export interface LedgerState {
  turns: number;
  unsettled: number;
  messages: number;
  executions: number;
  costed: number;
}

/** Time within which the last turns must be settled, in milliseconds. */
const patience = 15_000;

/** Counts turns and everything that belongs to one. */
export async function readLedger(sql: postgres.Sql): Promise<LedgerState> {
  const [state] = await sql<LedgerState[]>`
    select
      count(*)::int as turns,
      (count(*) filter (where turn_state <> 'succeeded'))::int as unsettled,
      (count(*) filter (where total_cost > 0))::int as costed,
      (select count(*) from public.chat_messages)::int as messages,
      (select count(*) from public.agent_executions)::int as executions
    from public.ai_interactions
    where source = 'chat'`;
  if (!state) throw new Error("Cannot count the turns: the database returns nothing");
  return state;
}

/**
 * Waits until every turn is settled, and proves that each answer that a client got is there: a turn
 * with its cost, two messages and one attempt.
 *
 * @throws {CommandError} saying what is missing.
 */
export async function assertSettled(
  sql: postgres.Sql,
  before: LedgerState,
  answers: number,
): Promise<void> {
  const deadline = Date.now() + patience;
  let after = await readLedger(sql);
  while (after.unsettled > before.unsettled && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    after = await readLedger(sql);
  }
  const found = {
    turns: after.turns - before.turns,
    costed: after.costed - before.costed,
    executions: after.executions - before.executions,
    messages: (after.messages - before.messages) / 2,
    unsettled: after.unsettled,
  };
  const expected = {
    turns: answers,
    costed: answers,
    executions: answers,
    messages: answers,
    unsettled: 0,
  };
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new CommandError(
    `Cannot trust this run: clients got ${answers} answers, the ledger says ${
      JSON.stringify(found)
    }.`,
  );
}
