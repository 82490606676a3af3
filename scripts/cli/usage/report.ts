import { z } from "zod";

/** What a report breaks the figures down by, besides days. */
export const BREAKDOWNS = ["vendor", "model", "agent", "user", "feature", "organization"] as const;

/** What a breakdown groups by. */
export type Breakdown = typeof BREAKDOWNS[number];

/** The mean of some ratings from 1 to 5. */
export interface Rating {
  /** Null without any rating. */
  mean: number | null;
  ratings: number;
}

const count = z.coerce.number().int();
/** US dollars as the database writes them, exact to ten decimals. */
const dollars = z.templateLiteral([z.number()]);

/** The measures of usage, which the database sends as text, so that no digit is lost. */
export const measuresSchema = z.object({
  interactions: count,
  failed: count,
  /** Sums of tokens may exceed what a number holds exactly. */
  input_tokens: z.coerce.bigint(),
  output_tokens: z.coerce.bigint(),
  /** Cost of turns, as far as prices are known. */
  total_cost: dollars,
  /** Cost that people recorded by hand; not part of total_cost. */
  recorded_cost: dollars,
  /** Turns whose price is unknown. */
  unpriced: count,
  /** Interactions recorded by hand. */
  recorded: count,
  duration_minutes: count,
  satisfaction_sum: count,
  satisfaction_count: count,
  usefulness_sum: count,
  usefulness_count: count,
});

/** These, with means of the ratings. */
export const figuresSchema = measuresSchema.transform(
  ({ satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count, ...measures }) => ({
    ...measures,
    satisfaction: rating(satisfaction_sum, satisfaction_count),
    usefulness: rating(usefulness_sum, usefulness_count),
  }),
);

/** The measures of some interactions, with mean ratings. */
export type Figures = z.output<typeof figuresSchema>;

/** The figures of one day, vendor, agent, … */
export interface UsageRow extends Figures {
  key: string;
  /** Its name for readers. */
  label: string;
}

/** All data of a report, for every output format. */
export interface UsageReport {
  /** The name of the organization; null for all organizations. */
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
  /** Rows of each breakdown, by descending cost. */
  by: Partial<Record<Breakdown, UsageRow[]>>;
}

const namesSchema = z.object({ key: z.string().nullable(), label: z.string().nullable() });

const rowsSchema = (by: string) =>
  z.array(
    z.intersection(namesSchema, figuresSchema).transform((
      { key, label, ...figures },
    ): UsageRow => ({
      key: key ?? "",
      label: label ?? `without ${by}`,
      ...figures,
    })),
  );

/** The answer of `get_usage_report()`, as a report. */
export const reportSchema = z.object({
  organization: z.string().nullable(),
  time_zone: z.string().nullable(),
  from: z.string(),
  to: z.string(),
  read_at: z.coerce.date(),
  total: figuresSchema,
  days: rowsSchema("day"),
  by: z.object({
    vendor: rowsSchema("vendor"),
    model: rowsSchema("model"),
    agent: rowsSchema("agent"),
    user: rowsSchema("user"),
    feature: rowsSchema("feature"),
    organization: rowsSchema("organization").optional(),
  }),
}).transform(({ time_zone, read_at, ...report }): UsageReport => ({
  ...report,
  timeZone: time_zone,
  readAt: read_at,
}));

function rating(sum: number, ratings: number): Rating {
  return { mean: ratings === 0 ? null : sum / ratings, ratings };
}
