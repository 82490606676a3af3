import { addDays, daysBetween } from "../../common/days.ts";
import {
  type Figures,
  figuresSchema,
  measuresSchema,
  type UsageReport,
  type UsageRow,
} from "./report.ts";

/** A name that tries to break out of a page, a table and a terminal. */
export const hostileName =
  `</title><script>alert("1")</script><img src=x onerror='alert(2)'>\x1b[31m\u202egpj.exe\n& more of a name that does not end`;

/** Every measure, as the database writes zero. */
export const noMeasures = Object.fromEntries(
  Object.keys(measuresSchema.shape).map((name) => [name, "0"]),
);

/** The measures of no interaction. */
export const noFigures = figuresSchema.parse(noMeasures);

/**
 * A report for tests: 30 days of an organization, one of them without anything, with names that are
 * long, foreign or hostile.
 */
export function sampleReport(): UsageReport {
  const to = "2026-03-31";
  const from = addDays(to, -29);
  const days = daysBetween(from, to).map((key, index): UsageRow => {
    if (index === 11) return { key, label: key, ...noFigures };
    const interactions = 400 + 37 * (index % 7) + 9 * index;
    return { key, label: key, ...figuresOf(interactions, index) };
  });
  const total = totalOf(days);
  const names = (labels: string[]) => split(total, labels);
  return {
    organization: "Acme",
    timeZone: "Europe/Berlin",
    from,
    to,
    readAt: new Date("2026-03-31T18:30:00Z"),
    total,
    days,
    by: {
      vendor: names(["OpenAI", "Anthropic", "Google Vertex AI", "Perplexity"]),
      agent: names([
        "Support",
        hostileName,
        "Recherche für Angebote und Ausschreibungen im öffentlichen Sektor",
        "日本語のエージェント",
        ...Array.from({ length: 18 }, (_, index) => `agent-${index + 1}`),
      ]),
      model: names(["gpt-4o", "claude-3.5-sonnet", "gemini-1.5-pro"]),
      user: names(["alice@example.com", "bob@example.com", "carol@example.com"]),
    },
  };
}

function figuresOf(interactions: number, seed: number): Figures {
  return {
    ...noFigures,
    interactions,
    failed: seed % 5,
    input_tokens: BigInt(interactions * 1_900),
    output_tokens: BigInt(interactions * (610 + 13 * (seed % 4))),
    total_cost: dollars(BigInt(interactions) * (142_317_000n + 3_100_123n * BigInt(seed % 6))),
    recorded_cost: seed === 5 ? "1.25" : "0",
    unpriced: seed === 3 ? 2 : 0,
    recorded: seed === 5 ? 3 : 0,
    satisfaction: { mean: 3.8 + (seed % 9) / 10, ratings: 12 + seed },
    usefulness: {
      mean: seed % 6 === 2 ? null : 3.5 + (seed % 7) / 10,
      ratings: seed % 6 === 2 ? 0 : 4,
    },
  };
}

const dollar = 10n ** 10n;

function dollars(units: bigint): Figures["total_cost"] {
  return `${Number(units) / Number(dollar)}`;
}

function unitsOf(cost: Figures["total_cost"]): bigint {
  return BigInt(Math.round(Number(cost) * Number(dollar)));
}

/** The sum of two, with the ratings of the first. */
function combine(one: Figures, other: Figures, sign: 1 | -1): Figures {
  const tokens = BigInt(sign);
  const cost = (name: "total_cost" | "recorded_cost") =>
    dollars(unitsOf(one[name]) + tokens * unitsOf(other[name]));
  return {
    ...one,
    interactions: one.interactions + sign * other.interactions,
    failed: one.failed + sign * other.failed,
    input_tokens: one.input_tokens + tokens * other.input_tokens,
    output_tokens: one.output_tokens + tokens * other.output_tokens,
    total_cost: cost("total_cost"),
    recorded_cost: cost("recorded_cost"),
    unpriced: one.unpriced + sign * other.unpriced,
    recorded: one.recorded + sign * other.recorded,
  };
}

function totalOf(days: readonly UsageRow[]): Figures {
  const mean = (name: "satisfaction" | "usefulness") => {
    const ratings = days.reduce((sum, day) => sum + day[name].ratings, 0);
    const sum = days.reduce((sum, day) => sum + (day[name].mean ?? 0) * day[name].ratings, 0);
    return { mean: sum / ratings, ratings };
  };
  const total = days.reduce<Figures>((sum, day) => combine(sum, day, 1), noFigures);
  return { ...total, satisfaction: mean("satisfaction"), usefulness: mean("usefulness") };
}

/** Splits measures into parts, each about half of the rest, that add up to the whole. */
function split(whole: Figures, labels: string[]): UsageRow[] {
  let left = whole;
  return labels.map((label, index) => {
    const part = index === labels.length - 1 ? left : halfOf(left);
    left = combine(left, part, -1);
    return { key: `${index}`, label, ...part };
  });
}

function halfOf(whole: Figures): Figures {
  return {
    ...whole,
    interactions: Math.floor(whole.interactions / 2),
    failed: Math.floor(whole.failed / 2),
    input_tokens: whole.input_tokens / 2n,
    output_tokens: whole.output_tokens / 2n,
    total_cost: dollars(unitsOf(whole.total_cost) / 2n),
    recorded_cost: dollars(unitsOf(whole.recorded_cost) / 2n),
    unpriced: Math.floor(whole.unpriced / 2),
    recorded: Math.floor(whole.recorded / 2),
  };
}
