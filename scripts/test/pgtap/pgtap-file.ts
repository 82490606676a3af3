import postgres from "postgres";
import { type Assertion, readTap } from "./tap.ts";

/** What one pgTAP file showed. */
export interface FileResult {
  assertions: Assertion[];
  /** Why the file as a whole failed; null if it finished as planned. */
  problem: string | null;
}

/** A transaction of its own that ends in a rollback, with a plan and its check. */
const form = /^(?:\s|--[^\n]*\n)*begin;[\s\S]*\bplan\([\s\S]*\bfrom finish\(\);\s*rollback;\s*$/;

/** A test that waits longer than this will not finish. */
const statementTimeout = 600_000;

/** Runs a pgTAP file on a connection of its own, as the role of `url`. */
export async function runPgtapFile(url: string, text: string): Promise<FileResult> {
  if (!form.test(text) || /^\s*commit\b/im.test(text)) {
    const problem = "Write it as: begin; select plan(N); …; select * from finish(); rollback;";
    return { assertions: [], problem };
  }
  const rows: Record<string, unknown>[] = [];
  const notices: string[] = [];
  const sql = postgres(url, {
    max: 1,
    prepare: false,
    fetch_types: false,
    onnotice: (notice) => notices.push(`notice: ${notice.message}`),
    connection: {
      search_path: '"$user", public, extensions',
      statement_timeout: statementTimeout,
      client_min_messages: "notice",
    },
  });
  try {
    // Row by row, so that the output before an error is kept.
    await sql.unsafe(text).forEach((row) => void rows.push(row));
    const { planned, assertions } = readTap(rows);
    return { assertions, problem: planProblem(planned, assertions.length) };
  } catch (error) {
    const { assertions } = readTap(rows);
    const problem = [databaseError(error, text), ...notices.slice(-5)].join("\n");
    return { assertions, problem };
  } finally {
    await sql.end();
  }
}

function planProblem(planned: number | null, count: number): string | null {
  if (planned === null) return "It has no plan. Begin with: select plan(N);";
  if (planned !== count) return `It planned ${planned} assertions and made ${count}`;
  return count === 0 ? "It asserts nothing" : null;
}

/** An error of the database with the line of the file that caused it. */
function databaseError(error: unknown, text: string): string {
  if (!(error instanceof postgres.PostgresError)) return String(error);
  const position = Number(error.position);
  const line = Number.isNaN(position)
    ? ""
    : ` (line ${text.slice(0, position).split("\n").length})`;
  const parts = [`${error.code} ${error.message}${line}`, error.detail, error.hint, error.where];
  return parts.filter((part) => part !== undefined && part !== "").join("\n");
}
