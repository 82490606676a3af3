import { getAuthSchemaSql } from "@supabase/lite";
import postgres from "postgres";

const bootstrapSql = new URL("./bootstrap.sql", import.meta.url);
const authSchemaSql = new URL("./auth-schema.sql", import.meta.url);

/**
 * Gives a plain Postgres database what the hosted platform has before the first migration: roles,
 * schemas, the `auth` tables, a publication. Can be repeated.
 *
 * @param adminUrl Connection string of the superuser.
 * @param authPassword Password to set for `supabase_auth_admin`, who runs the Auth API; none when
 * nobody will connect as that role.
 */
export async function prepareDatabase(adminUrl: string, authPassword?: string): Promise<void> {
  const [bootstrap, authSchema] = await Promise.all(
    [bootstrapSql, authSchemaSql].map((file) => Deno.readTextFile(file)),
  );
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(bootstrap ?? "");
      await transaction`set local role supabase_auth_admin`;
      await transaction.unsafe(getAuthSchemaSql());
      await transaction`reset role`;
      await transaction.unsafe(authSchema ?? "");
      if (authPassword !== undefined) {
        await transaction`select pg_catalog.set_config('stack.password', ${authPassword}, true)`;
        await transaction.unsafe(`do $$ begin
          execute format(
            'alter role supabase_auth_admin password %L', current_setting('stack.password')
          );
        end $$`);
      }
    });
  } finally {
    await sql.end();
  }
}
