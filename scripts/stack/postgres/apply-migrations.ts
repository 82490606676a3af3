import { CommandError } from "../../common/command-error.ts";
import { pathInProject } from "../../common/path-in-project.ts";

/** Options of {@link applyMigrations}. */
export interface ApplyMigrationsOptions {
  /** Connection string of the role that applies them: `postgres`, as on the platform. */
  url: string;
  /** Also load `supabase/seed.sql`. @default false */
  seed?: boolean;
  /** Folder that contains `supabase/`. @default the repository */
  folder?: string;
  /** Also those that are older than what the database has. @default false */
  includeAll?: boolean;
  /** Gives up between two migrations or within one, which is then rolled back. */
  signal?: AbortSignal;
}

/**
 * Applies the migrations that the database does not have yet, with the Supabase CLI: what
 * `supabase db push` does here is what it does to a hosted project.
 *
 * @returns the names of the files that were applied, in order.
 * @throws {CommandError} with the CLI's own words when one fails; it names the file and the statement.
 */
export async function applyMigrations(options: ApplyMigrationsOptions): Promise<string[]> {
  const command = new Deno.Command(pathInProject("node_modules/.bin/supabase"), {
    args: [
      "db",
      "push",
      "--remote",
      options.url,
      "--yes",
      "--workdir",
      options.folder ?? pathInProject("."),
      ...options.seed ? ["--include-seed"] : [],
      ...options.includeAll ? ["--include-all"] : [],
    ],
    env: { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", PGSSLMODE: "disable" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: options.signal,
  });
  const { success, stdout, stderr } = await command.output();
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  options.signal?.throwIfAborted();
  if (!success) {
    const reason = output.slice(Math.max(0, output.lastIndexOf("Applying migration"))).trim();
    throw new CommandError(`Cannot apply the migrations: the database refused one.\n${reason}`);
  }
  return [...output.matchAll(/^Applying migration (\S+\.sql)/gm)].map((match) => match[1] ?? "");
}
