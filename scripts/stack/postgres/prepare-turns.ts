import postgres from "postgres";

/**
 * Prepares a migrated database for turns.
 *
 * Turns that an earlier stack left unsettled fail: no other process can be running them here. In a new
 * database users' own agents may use the platform's credential, or the demo model that replaces it.
 */
export async function prepareTurns(adminUrl: string, isNew: boolean): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    if (isNew) await sql`update public.plans set platform_credential = 'priced_catalogue'`;
    const [found] = await sql<{ exists: boolean }[]>`
      select to_regprocedure('public.sweep_chat_turns(timestamptz)') is not null as exists`;
    if (found?.exists) await sql`select public.sweep_chat_turns('infinity')`;
  } finally {
    await sql.end();
  }
}
