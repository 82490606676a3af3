import { CommandError } from "../../../common/command-error.ts";

/** The result of one run of pgbench. */
export interface PgbenchResult {
  /** Scripts a second, without the first second, in which connections plan their statements. */
  perSecond: number;
  /** Scripts that were run to their end. */
  count: number;
}

/** What to run, and how. */
export interface PgbenchOptions {
  /** Connection string. */
  url: string;
  /** File with the script. */
  script: string;
  clients: number;
  seconds: number;
  /** Ends it at once. */
  signal: AbortSignal;
}

/** The version of pgbench, or null when there is none on this machine. */
export async function pgbenchVersion(): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command("pgbench", { args: ["--version"] }).output();
    return new TextDecoder().decode(stdout).match(/\d+(\.\d+)+/)?.[0] ?? null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * Runs a script repeatedly, as service_role, with prepared statements.
 *
 * @throws {CommandError} when a statement fails.
 */
export async function runPgbench(options: PgbenchOptions): Promise<PgbenchResult> {
  const { url, script, clients, seconds, signal } = options;
  const { stdout, stderr } = await new Deno.Command("pgbench", {
    args: [
      "--no-vacuum",
      "--protocol=prepared",
      "--progress=1",
      `--client=${clients}`,
      // One more, for the first second.
      `--time=${seconds + 1}`,
      `--file=${script}`,
      url,
    ],
    signal,
    env: { PGOPTIONS: "-c role=service_role", PGSSLMODE: "disable" },
  }).output();
  const [said, complaints] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const result = parsePgbench(said ?? "", complaints ?? "");
  if (result !== null) return result;
  const reason = complaints?.split("\n").find((line) => /error|fatal/i.test(line));
  throw new CommandError(`Cannot run pgbench with "${script}": ${reason ?? "it printed nothing"}.`);
}

/** Parses the output of pgbench; null if a client failed or the numbers are missing. */
export function parsePgbench(stdout: string, stderr: string): PgbenchResult | null {
  const count = Number(stdout.match(/actually processed: (\d+)/)?.[1] ?? NaN);
  const rates = [...stderr.matchAll(/^progress: .*?, ([\d.]+) tps/gm)]
    .map((match) => Number(match[1])).slice(1);
  if (Number.isNaN(count) || rates.length === 0 || /aborted/.test(stderr)) return null;
  return { perSecond: rates.reduce((sum, rate) => sum + rate, 0) / rates.length, count };
}
