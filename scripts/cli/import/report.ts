import type { Outcome } from "./apply/apply.ts";
import type { Comparison } from "./verify.ts";

const number = (value: number) => value.toLocaleString("en-US");

/** Lines that report the outcome of the rows. */
export function describeOutcomes(outcomes: readonly Outcome[], from: string): string[] {
  const bad = outcomes.reduce((sum, outcome) => sum + outcome.bad, 0);
  return [
    ...outcomes.map(({ mapping, into, rows, written, bad: held }) =>
      `  ${mapping} → ${into}: ${number(rows)} rows, ${number(written)} written${
        held > 0 ? `, ${number(held)} in the quarantine` : ""
      }`
    ),
    ...bad > 0
      ? [
        `${
          number(bad)
        } rows could not be imported: "select mapping, reason, row from agentbase_import.quarantine where not is_imported" lists them. Correct them and run --retry.`,
      ]
      : [],
    `Imported. Compare it with "npm run import -- --from ${quoteArgument(from)} --verify".`,
  ];
}

/** Quotes an argument for a shell. */
export function quoteArgument(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text}'`;
}

/** Lines that report whether source and target match. */
export function describeVerification(comparisons: readonly Comparison[]): string[] {
  const lines = comparisons.flatMap((comparison) => {
    const { mapping, into, chunks, expected, found, quarantined, different } = comparison;
    const head = `  ${mapping} → ${into}: ${number(found)} of ${number(expected)} rows, ${
      number(chunks)
    } chunks, ${different.length === 0 ? "equal" : `${different.length} differ`}${
      quarantined > 0 ? `, ${number(quarantined)} in the quarantine` : ""
    }`;
    return [
      head,
      ...different.slice(0, 5).map(({ number: chunk, rows, example }) =>
        `    chunk ${chunk}: ${number(rows)} rows differ, such as ${example}`
      ),
    ];
  });
  const isEqual = comparisons.every(({ different }) => different.length === 0);
  return [
    ...lines,
    isEqual
      ? "Source and target are equal."
      : "Source and target differ. Rows that were changed since the import differ, too.",
  ];
}
