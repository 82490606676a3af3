import postgres, { type Sql } from "postgres";

class Undo extends Error {}

/**
 * Creates a user in a transaction that is rolled back, since a trigger of the project on auth.users
 * may write columns that the new tables do not have.
 *
 * @returns the error of the database; null if the sign-up succeeds.
 */
export async function trySignUp(sql: Sql): Promise<string | null> {
  try {
    await sql.begin(async (transaction) => {
      await transaction`
        insert into auth.users (id, aud, role, email, raw_user_meta_data, created_at, updated_at)
        values (
          gen_random_uuid(), 'authenticated', 'authenticated', 'sign-up@import.invalid',
          '{"full_name": "Trial"}', now(), now()
        )`;
      await transaction`set constraints all immediate`;
      throw new Undo();
    });
    return null;
  } catch (error) {
    if (error instanceof Undo) return null;
    if (error instanceof postgres.PostgresError) return error.message;
    throw error;
  }
}
