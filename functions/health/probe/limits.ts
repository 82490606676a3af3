/** Bounds of a round of probes. Milliseconds and bytes. */
export interface ProbeLimits {
  /** Agents of one round. */
  agents: number;
  /** Vendors that are called at the same time. */
  parallel: number;
  /** One call, from the look-up of the name to the end of the answer. */
  callMs: number;
  /** An answer that takes longer is a slow one. */
  slowMs: number;
  /** The round. What is not reached by then is first in the next. */
  roundMs: number;
  /** What a vendor may answer. Lists of models are long. */
  answerBytes: number;
}

/** What production uses. A round fits into the minute that the scheduler waits for it. */
export const PROBE_LIMITS: ProbeLimits = {
  agents: 2_000,
  parallel: 8,
  callMs: 10_000,
  slowMs: 5_000,
  roundMs: 45_000,
  answerBytes: 4 * 1024 * 1024,
};
