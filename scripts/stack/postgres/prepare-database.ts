import { getAuthSchemaSql } from "@supabase/lite";
import postgres from "postgres";

const bootstrapSql = new URL("./bootstrap.sql", import.meta.url);
const realtimeSchemaSql = new URL("./realtime-schema.sql", import.meta.url);
const storageSchemaSql = new URL("./storage-schema.sql", import.meta.url);
const authSchemaSql = new URL("./auth-schema.sql", import.meta.url);

/**
 * Gives a plain Postgres database what the hosted platform has before the first migration: roles,
 * schemas, the `auth` tables, `realtime` messages, a publication, `storage` buckets and objects. Can be
 * repeated.
 *
 * @param adminUrl Connection string of the superuser.
 * @param apiPassword Password to set for `authenticator` and `supabase_auth_admin`, who run the Data API
 * and the Auth API; none if no client connects as these.
 */
export async function prepareDatabase(adminUrl: string, apiPassword?: string): Promise<void> {
  const [bootstrap, realtimeSchema, storageSchema, authSchema] = await Promise.all(
    [bootstrapSql, realtimeSchemaSql, storageSchemaSql, authSchemaSql].map((file) =>
      Deno.readTextFile(file)
    ),
  );
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    await sql.begin(async (transaction) => {
      await transaction.unsafe(bootstrap ?? "");
      await transaction.unsafe(realtimeSchema ?? "");
      await transaction.unsafe(storageSchema ?? "");
      await transaction`set local role supabase_auth_admin`;
      await transaction.unsafe(getAuthSchemaSql());
      await transaction`reset role`;
      await transaction.unsafe(authSchema ?? "");
      if (apiPassword === undefined) return;
      for (const role of ["authenticator", "supabase_auth_admin"]) {
        const [statement] = await transaction<{ text: string }[]>`
          select pg_catalog.format(
            'alter role %I password %L', ${role}::text, ${apiPassword}::text
          ) as text`;
        await transaction.unsafe(statement?.text ?? "");
      }
    });
  } finally {
    await sql.end();
  }
}
