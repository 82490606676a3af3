import { join } from "node:path";
import postgres from "postgres";
import { stack } from "./stack.ts";

/** Has the database log every statement with its parameters, until it is disposed of. */
export async function logEverything(folder: string | undefined): Promise<AsyncDisposable> {
  const secrets = JSON.parse(await Deno.readTextFile(join(folder ?? ".", "secrets.json")));
  const url = new URL(stack.DB_URL);
  url.username = "supabase_admin";
  url.password = secrets.databasePassword;
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  const set = async (...statements: string[]) => {
    for (const statement of statements) await sql.unsafe(statement);
    await sql`select pg_reload_conf()`;
  };
  await set(
    "alter system set log_statement = 'all'",
    "alter system set log_parameter_max_length = -1",
    "alter system set log_parameter_max_length_on_error = -1",
  );
  return {
    async [Symbol.asyncDispose]() {
      await set(
        "alter system reset log_statement",
        "alter system reset log_parameter_max_length",
        "alter system reset log_parameter_max_length_on_error",
      );
      await sql.end();
    },
  };
}
