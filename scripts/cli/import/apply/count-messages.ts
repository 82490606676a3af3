import type { Sql } from "postgres";
import { patient, withRetries } from "./with-retries.ts";

const sessionsPerTransaction = 5000;

/**
 * Adds the messages that chunks have written or removed to the counts of their sessions. Each
 * session is updated once, even if its messages were in several chunks. It can be interrupted and
 * run again.
 */
export async function countMessages(sql: Sql, source: string): Promise<void> {
  for (;;) {
    const counted = await withRetries(sql, patient, async (transaction) => {
      const rows = await transaction`
        with due as (
          select distinct session_id from agentbase_import.message_counts
          where source = ${source} order by session_id limit ${sessionsPerTransaction}
        ),
        taken as (
          delete from agentbase_import.message_counts counts using due
          where counts.source = ${source} and counts.session_id = due.session_id
          returning counts.session_id, counts.messages, counts.latest
        ),
        sums as (
          select session_id, sum(messages)::bigint as messages, max(latest) as latest
          from taken group by session_id
        )
        select private.count_imported_messages(
          array_agg(session_id order by session_id), array_agg(messages order by session_id),
          array_agg(latest order by session_id)
        ) from sums having count(*) > 0`;
      return rows.length;
    });
    if (counted === 0) return;
  }
}
