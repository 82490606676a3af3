/** What a report breaks the figures down by, besides days. */
export const BREAKDOWNS = ["vendor", "model", "agent", "user", "feature", "organization"] as const;

/** One of these. */
export type Breakdown = typeof BREAKDOWNS[number];

/** The mean of some ratings from 1 to 5. */
export interface Rating {
  /** Null without any rating. */
  mean: number | null;
  ratings: number;
}

/** What some interactions come to. */
export interface Figures {
  interactions: number;
  failed: number;
  /** Sums of tokens may be more than a number holds exactly. */
  inputTokens: bigint;
  outputTokens: bigint;
  /** What turns cost, in units of 1e-10 US dollars, as far as prices are known. */
  cost: bigint;
  /** What people recorded by hand, in the same units; no part of the cost. */
  recordedCost: bigint;
  /** Turns whose price is not known. */
  unpriced: number;
  /** Interactions recorded by hand. */
  recorded: number;
  satisfaction: Rating;
  usefulness: Rating;
}

/** The figures of one day, vendor, agent, … */
export interface UsageRow extends Figures {
  key: string;
  /** What people call it. */
  label: string;
}

/** All that a report shows, whatever its form. */
export interface UsageReport {
  /** Whose figures these are: an organization's name, or null for all of them. */
  organization: string | null;
  /** The time zone of its days; null where each organization has its own. */
  timeZone: string | null;
  /** First day, as YYYY-MM-DD. */
  from: string;
  /** Last day, as YYYY-MM-DD. */
  to: string;
  readAt: Date;
  total: Figures;
  /** Every day of the range in order, those without interactions too. */
  days: UsageRow[];
  /** Rows of each breakdown, the dearest first. */
  by: Partial<Record<Breakdown, UsageRow[]>>;
}
