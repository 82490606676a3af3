/** One assertion of a pgTAP file. */
export interface Assertion {
  passed: boolean;
  name: string;
  /** What pgTAP said about a failure. */
  diagnostics: string[];
}

/** What a pgTAP file said. */
export interface TapReport {
  /** The number of assertions that the file announced; null without a plan. */
  planned: number | null;
  assertions: Assertion[];
}

/**
 * Reads TAP from the rows of a pgTAP file, in order. Rows that are no TAP are other queries' answers.
 * A skipped or to-do assertion counts as failed: it proves nothing.
 */
export function readTap(rows: Iterable<Record<string, unknown>>): TapReport {
  const report: TapReport = { planned: null, assertions: [] };
  for (const row of rows) {
    for (const value of Object.values(row)) {
      if (typeof value === "string") value.split("\n").forEach((line) => readLine(report, line));
    }
  }
  return report;
}

function readLine(report: TapReport, line: string): void {
  const plan = line.match(/^1\.\.(\d+)/)?.[1];
  if (plan !== undefined) report.planned = Number(plan);

  const [, outcome, rest] = line.match(/^(ok|not ok) \d+(?: - )?(.*)$/) ?? [];
  if (outcome !== undefined && rest !== undefined) {
    const [name = "", directive] = rest.split(/ # (?=skip|todo)/i);
    const diagnostics = directive === undefined ? [] : [`# ${directive}: an assertion must run`];
    const passed = outcome === "ok" && directive === undefined;
    report.assertions.push({ passed, name: name.trim(), diagnostics });
  } else if (line.startsWith("#")) {
    report.assertions.at(-1)?.diagnostics.push(line);
  }
}
