import postgres from "postgres";

/** The role that the functions connect as; a migration makes it, without a password. */
export const functionsRole = "agentbase_functions";

/**
 * Gives the functions' role a password, as an operator does on the platform.
 *
 * @param adminUrl Connection string of the superuser.
 */
export async function openFunctionsRole(adminUrl: string, password: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const [statement] = await sql<{ text: string }[]>`
      select pg_catalog.format('alter role %I password %L', ${functionsRole}::text, ${password}::text)
        as text`;
    await sql.unsafe(statement?.text ?? "");
  } finally {
    await sql.end();
  }
}
