import { parseEnv } from "node:util";
import { CommandError } from "../../common/command-error.ts";
import { addressesOf } from "../../stack/addresses.ts";
import { readEnvironment } from "../../stack/folder/environment-file.ts";
import { ensureSecrets } from "../../stack/folder/secrets.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { functionsRole } from "../../stack/postgres/functions-role.ts";

/**
 * The variables of a deployment's functions: from a file, the environment, or the running stack.
 *
 * @throws {CommandError} where there is none of them.
 */
export async function functionsEnvironment(
  envFile: string | null,
  environment: Record<string, string>,
): Promise<Record<string, string>> {
  if (envFile !== null) return { ...environment, ...await readFile(envFile) };
  if (environment.SUPABASE_URL) return environment;
  const settings = readSettings(environment);
  const stack = await readEnvironment(settings.folder);
  if (stack === null) {
    throw new CommandError(
      `Cannot check a deployment: SUPABASE_URL is not set and no stack is running in "${settings.folderName}". Name the functions' secrets with --env-file, or run "npm start".`,
    );
  }
  const secrets = await ensureSecrets(settings.folder, "");
  // It may have been started with a port that this command was not given.
  const databasePort = Number(new URL(stack.DB_URL).port);
  return {
    ...environment,
    SUPABASE_URL: stack.API_URL,
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: secrets.secretKey, cron: secrets.cronKey }),
    JWT_SECRET: secrets.jwtSecret,
    KEY_ENCRYPTION_KEYS: environment.KEY_ENCRYPTION_KEYS || secrets.keyEncryptionKeys,
    DATABASE_URL: addressesOf({ ...settings, databasePort })
      .databaseUrl(functionsRole, secrets.databasePassword),
    DB_URL: stack.DB_URL,
  };
}

async function readFile(file: string): Promise<Record<string, string>> {
  try {
    const values = Object.entries(parseEnv(await Deno.readTextFile(file)));
    return Object.fromEntries(values.map(([name, value]) => [name, value ?? ""]));
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "it does not exist" : String(error);
    throw new CommandError(
      `Cannot read "${file}": ${reason}. Choose another file with --env-file.`,
    );
  }
}
