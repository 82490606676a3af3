import { record, type Tally } from "../tally.ts";

/** One thing that a lint reports. */
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

/** Canaries that a lint must report, as pairs of lint and object. */
export type Canaries = readonly (readonly [lint: string, object: string])[];

/**
 * Counts what a lint found: every canary must be there, nothing else may be there except what has
 * been accepted with a reason, and nothing may be accepted that is no longer found.
 */
export function judgeFindings(
  tally: Tally,
  name: string,
  findings: readonly Finding[],
  canaries: Canaries,
  exceptions: readonly Exception[] = [],
): void {
  const is = (finding: Finding, lint: string, object: string) =>
    finding.lint === lint && finding.detail.includes(object);

  for (const [lint, object] of canaries) {
    const isSeen = findings.some((finding) => is(finding, lint, object));
    const problem = `It did not report ${object}, which was planted for it: it is blind`;
    record(tally, `${name} sees ${lint} (${object})`, isSeen ? [] : [problem]);
  }
  const unexpected = findings.filter((finding) =>
    !finding.detail.includes("canary_") &&
    !exceptions.some(({ lint, object }) => is(finding, lint, object))
  );
  record(
    tally,
    `${name} finds nothing`,
    unexpected.map(({ lint, detail }) => `${lint}: ${detail}`),
  );
  const stale = exceptions.filter(({ lint, object }) =>
    !findings.some((finding) => is(finding, lint, object))
  );
  record(
    tally,
    `${name} has no stale exception`,
    stale.map(({ lint, object }) => `${lint} no longer reports ${object}. Remove the exception`),
  );
}
