import { readArguments } from "../../common/arguments.ts";

/** The options of `npm run doctor`. */
export interface DoctorOptions {
  /** File with the functions' secrets; null: the environment, else the stack that runs here. */
  envFile: string | null;
  /** Whether to print JSON instead of lines. */
  json: boolean;
}

/** What `--help` prints. */
export const doctorHelp =
  `Checks the settings of a deployment and says what to do about each problem.

npm run doctor -- [options]
  --env-file <file>  the functions' secrets, as for "supabase secrets set"   (the environment)
  --json             print JSON
  --help             this text

It checks the functions' secrets, the encryption keys, the connection to Postgres and the rights of
its role, migrations, scheduled jobs, the Data API, Redis, vendors' credentials and the clock. With
DB_URL, the connection string of the role postgres, the history of migrations is compared as well.
If the environment has no SUPABASE_URL, the running stack (STACK_DIR) is checked.

No secret is printed. The exit code is 1 if there is an error, else 0.`;

/**
 * Reads the arguments of `npm run doctor`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseDoctorOptions(args: readonly string[]): DoctorOptions {
  const known = {
    "env-file": { type: "string" },
    json: { type: "boolean", default: false },
  } as const;
  return readArguments("doctor", args, known, ({ "env-file": envFile, json }) => {
    if (envFile === "") throw new Error("--env-file has no value");
    return { envFile: envFile ?? null, json };
  });
}
