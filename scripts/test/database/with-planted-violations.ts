import postgres from "postgres";

const planting = new URL("./planted-violations.sql", import.meta.url);

/** Takes away what `planted-violations.sql` plants, whatever of it there is. */
const uprooting = `
  drop view if exists public.planted_view, public.planted_people;
  drop materialized view if exists public.planted_copy;
  drop table if exists public.planted_open, public.planted_closed;
  drop function if exists public.planted_path(), private.planted_typo(),
    private.planted_trigger_typo(), private.planted_injection(text);
`;

/** Runs lints while planted violations are in the database. */
export async function withPlantedViolations(url: string, lint: () => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(await Deno.readTextFile(planting));
    await lint();
  } finally {
    await sql.unsafe(uprooting);
    await sql.end();
  }
}
