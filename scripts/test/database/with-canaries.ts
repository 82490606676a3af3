import postgres from "postgres";

const planting = new URL("./canaries.sql", import.meta.url);

/** Takes away what `canaries.sql` plants, whatever of it there is. */
const uprooting = `
  drop view if exists public.canary_view, public.canary_people;
  drop materialized view if exists public.canary_copy;
  drop table if exists public.canary_open, public.canary_closed;
  drop function if exists public.canary_path(), private.canary_typo(),
    private.canary_trigger_typo(), private.canary_injection(text);
`;

/** Runs lints while the canaries are in the database. */
export async function withCanaries(url: string, lint: () => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(await Deno.readTextFile(planting));
    await lint();
  } finally {
    await sql.unsafe(uprooting);
    await sql.end();
  }
}
