import { record, type Results } from "../results.ts";

/** A finding of a lint. */
export interface Finding {
  /** Name of the lint, such as "rls_disabled_in_public". */
  lint: string;
  /** The object and what is wrong with it. */
  detail: string;
}

/** A finding that is accepted, and why. */
export interface Exception {
  lint: string;
  /** Part of the detail that names the object. */
  object: string;
  reason: string;
}

/** Planted violations that a lint must report, as pairs of lint and object. */
export type Planted = readonly (readonly [lint: string, object: string])[];

/**
 * Counts what a lint found: every planted violation must be there, nothing else may be there except what has
 * been accepted with a reason, and nothing may be accepted that is no longer found.
 */
export function evaluateFindings(
  results: Results,
  name: string,
  findings: readonly Finding[],
  planted: Planted,
  exceptions: readonly Exception[] = [],
): void {
  const is = (finding: Finding, lint: string, object: string) =>
    finding.lint === lint && finding.detail.includes(object);

  for (const [lint, object] of planted) {
    const isSeen = findings.some((finding) => is(finding, lint, object));
    const problem = `It did not report ${object}, which was planted for it: the lint does not work`;
    record(results, `${name} sees ${lint} (${object})`, isSeen ? [] : [problem]);
  }
  const unexpected = findings.filter((finding) =>
    !finding.detail.includes("planted_") &&
    !exceptions.some(({ lint, object }) => is(finding, lint, object))
  );
  record(
    results,
    `${name} finds nothing`,
    unexpected.map(({ lint, detail }) => `${lint}: ${detail}`),
  );
  const stale = exceptions.filter(({ lint, object }) =>
    !findings.some((finding) => is(finding, lint, object))
  );
  record(
    results,
    `${name} has no stale exception`,
    stale.map(({ lint, object }) => `${lint} no longer reports ${object}. Remove the exception`),
  );
}
