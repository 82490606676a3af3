import { CommandError } from "../../common/command-error.ts";
import { readEnvironment } from "../../stack/folder/environment-file.ts";
import { readSettings } from "../../stack/folder/settings.ts";

/** An API with a secret key, or a database that is queried directly. */
export type UsageSource = { url: string; secretKey: string } | { databaseUrl: string };

/**
 * Finds the source: the database of READ_DATABASE_URL, which may be a replica, else the project
 * that the environment names, else the running stack.
 *
 * @param url The value of --url; null for the environment's API_URL.
 * @throws {CommandError} if there is none, or its settings are incomplete.
 */
export async function findSource(
  url: string | null,
  environment: Record<string, string | undefined>,
): Promise<UsageSource> {
  const { API_URL, SECRET_KEY, READ_DATABASE_URL } = environment;
  if (url === null && READ_DATABASE_URL) {
    if (/^postgres(ql)?:$/.test(URL.parse(READ_DATABASE_URL)?.protocol ?? "")) {
      return { databaseUrl: READ_DATABASE_URL };
    }
    throw new CommandError(
      "READ_DATABASE_URL is not the address of a database. It has the form postgresql://user:password@host:5432/postgres.",
    );
  }
  const given = url ?? (API_URL || null);
  if (given !== null && SECRET_KEY) return { url: given, secretKey: SECRET_KEY };
  if (given !== null) {
    throw new CommandError(
      `Cannot query "${given}": its secret key is missing. Set SECRET_KEY in the environment; it begins with sb_secret_.`,
    );
  }
  const { folder, folderName } = readSettings(environment);
  const stack = await readEnvironment(folder);
  if (stack !== null) return { url: stack.API_URL, secretKey: stack.SECRET_KEY };
  throw new CommandError(
    `Cannot report on "${folderName}": no stack is running there. Start one with "npm start", or name a project with API_URL and SECRET_KEY.`,
  );
}
