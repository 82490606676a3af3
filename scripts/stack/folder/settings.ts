import { resolve } from "node:path";
import { CommandError } from "../../common/command-error.ts";
import { pathInProject } from "../../common/path-in-project.ts";

/** Where a stack lives and listens. */
export interface StackSettings {
  /** Absolute path of the folder with data, keys, logs and the process id. */
  folder: string;
  /** The same as the person would type it. */
  folderName: string;
  /** Port of the APIs and the functions. */
  apiPort: number;
  /** Port of Postgres. */
  databasePort: number;
}

/**
 * Reads STACK_DIR, API_PORT and DB_PORT; each has a default.
 *
 * @throws {CommandError} naming the variable and what it may hold.
 */
export function readSettings(environment: Record<string, string | undefined>): StackSettings {
  const apiPort = readPort("API_PORT", environment.API_PORT, 54321);
  const databasePort = readPort("DB_PORT", environment.DB_PORT, 54322);
  if (apiPort === databasePort) {
    throw new CommandError(
      `Cannot use port "${apiPort}" twice: API_PORT and DB_PORT are the same. Change one of them.`,
    );
  }
  const given = environment.STACK_DIR;
  return {
    folder: given ? resolve(given) : pathInProject(".stack"),
    folderName: given || ".stack",
    apiPort,
    databasePort,
  };
}

function readPort(name: string, text: string | undefined, standard: number): number {
  if (!text) return standard;
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (port >= 1 && port <= 65535) return port;
  throw new CommandError(
    `Cannot use ${name} "${text}": it is not a port. Give a whole number from 1 to 65535, for instance ${name}=${standard}.`,
  );
}
