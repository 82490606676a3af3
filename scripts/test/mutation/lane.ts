import postgres from "postgres";
import { readTap } from "../pgtap/tap.ts";

/** A database of its own, on which pgTAP files run one after the other over one connection. */
export interface Lane {
  /**
   * Runs a pgTAP file, with `statement` executed first in its transaction and undone with it.
   * Returns what failed: names of assertions, the error that ended the file, a plan not kept.
   * Throws when the statement itself fails: then nothing was taken away.
   */
  run(file: string, statement: string | null): Promise<string[]>;
  close(): Promise<void>;
}

/** A test that waits longer than this will not finish. */
const statementTimeout = 60_000;

/**
 * Opens a lane.
 *
 * @param adminUrl Connection string of the superuser: a mutant may touch tables of the platform. The
 * files themselves run as `postgres`, as they do in `npm test`.
 */
export function openLane(adminUrl: string): Lane {
  const sql = postgres(adminUrl, {
    max: 1,
    prepare: false,
    fetch_types: false,
    onnotice: () => {},
    connection: { search_path: '"$user", public, extensions', statement_timeout: statementTimeout },
  });

  async function run(file: string, statement: string | null): Promise<string[]> {
    await sql.unsafe(`begin; ${statement ?? ""}`);
    const rows: Record<string, unknown>[] = [];
    try {
      await sql.unsafe(file.replace(/^begin;/m, "set local session authorization postgres;"))
        .forEach((row) => void rows.push(row));
    } catch (error) {
      await sql.unsafe("rollback");
      return [...failures(rows), error instanceof Error ? error.message : String(error)];
    }
    const { planned, assertions } = readTap(rows);
    return planned === assertions.length && planned > 0
      ? failures(rows)
      : [...failures(rows), `planned ${planned}, made ${assertions.length}`];
  }

  return { run, close: () => sql.end() };
}

function failures(rows: readonly Record<string, unknown>[]): string[] {
  return readTap(rows).assertions.filter(({ passed }) => !passed).map(({ name }) => name);
}
