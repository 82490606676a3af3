/** The last lines of `deno test`. */
export interface DenoSummary {
  passed: number;
  failed: number;
  ignored: number;
  /** Names of the tests that failed. */
  names: string[];
}

/** Reads what `deno test` says at its end; null when it did not get there. */
export function readDenoSummary(output: string): DenoSummary | null {
  const last = output.match(/^(?:ok|FAILED) \| (\d+) passed.*$/m);
  if (last === null) return null;
  const count = (word: string) => Number(last[0].match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const failures = output.split(/^ FAILURES\s*$/m)[1] ?? "";
  return {
    passed: count("passed"),
    failed: count("failed"),
    ignored: count("ignored"),
    names: [...failures.matchAll(/^(.+) => .+:\d+:\d+$/gm)].flatMap((match) => match[1] ?? []),
  };
}
