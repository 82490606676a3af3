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
  /** The round. Agents that it does not reach come first in the next. */
  roundMs: number;
  /** Most bytes of an answer. Lists of models are long. */
  answerBytes: number;
}

/** The production limits. A round takes less than the minute that the scheduler waits for it. */
export const PROBE_LIMITS: ProbeLimits = {
  agents: 2_000,
  parallel: 8,
  callMs: 10_000,
  slowMs: 5_000,
  roundMs: 45_000,
  answerBytes: 4 * 1024 * 1024,
};
