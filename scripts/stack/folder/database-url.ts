import { CommandError } from "../../common/command-error.ts";
import { readEnvironment } from "./environment-file.ts";
import { readSettings } from "./settings.ts";

/**
 * The database that `DB_URL` in the environment names, else that of the stack that runs here.
 *
 * @param purpose What cannot be done without one, for the message.
 * @throws {CommandError} where there is none.
 */
export async function databaseUrl(purpose: string): Promise<string> {
  const environment = Deno.env.toObject();
  if (environment.DB_URL) return environment.DB_URL;
  const { folder, folderName } = readSettings(environment);
  const stack = await readEnvironment(folder);
  if (stack !== null) return stack.DB_URL;
  throw new CommandError(
    `Cannot ${purpose}: no stack is running in "${folderName}". Start one with "npm start", or name a database with DB_URL.`,
  );
}
