import { addDays, daysBetween } from "../../common/days.ts";
import { noFigures, sumOf } from "./figures.ts";
import type { Figures, UsageReport, UsageRow } from "./report.ts";

/** A name that would break out of a page, a table and a terminal, if any let it. */
export const hostileName =
  `</title><script>alert("1")</script><img src=x onerror='alert(2)'>\x1b[31m\u202egpj.exe\n& more of a name that does not end`;

/**
 * A report for tests: 30 days of an organization, one of them without anything, with names that are
 * long, foreign or hostile.
 */
export function sampleReport(): UsageReport {
  const to = "2026-03-31";
  const from = addDays(to, -29);
  const days = daysBetween(from, to).map((key, index): UsageRow => {
    if (index === 11) return { key, label: key, ...noFigures() };
    const interactions = 400 + 37 * (index % 7) + 9 * index;
    return { key, label: key, ...figuresOf(interactions, index) };
  });
  const total = sumOf(days);
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
    interactions,
    failed: seed % 5,
    inputTokens: BigInt(interactions * 1_900),
    outputTokens: BigInt(interactions * (610 + 13 * (seed % 4))),
    cost: BigInt(interactions) * (142_317_000n + 3_100_123n * BigInt(seed % 6)),
    recordedCost: seed === 5 ? 12_500_000_000n : 0n,
    unpriced: seed === 3 ? 2 : 0,
    recorded: seed === 5 ? 3 : 0,
    satisfaction: { mean: 3.8 + (seed % 9) / 10, ratings: 12 + seed },
    usefulness: {
      mean: seed % 6 === 2 ? null : 3.5 + (seed % 7) / 10,
      ratings: seed % 6 === 2 ? 0 : 4,
    },
  };
}

/** Parts of a whole, each about half of what is left; together they are the whole. */
function split(whole: Figures, labels: string[]): UsageRow[] {
  let left = whole;
  return labels.map((label, index) => {
    const isLast = index === labels.length - 1;
    const half = (value: number) => isLast ? value : Math.floor(value / 2);
    const part: Figures = {
      ...left,
      interactions: half(left.interactions),
      failed: half(left.failed),
      inputTokens: isLast ? left.inputTokens : left.inputTokens / 2n,
      outputTokens: isLast ? left.outputTokens : left.outputTokens / 2n,
      cost: isLast ? left.cost : left.cost / 2n,
      recordedCost: isLast ? left.recordedCost : left.recordedCost / 2n,
      unpriced: half(left.unpriced),
      recorded: half(left.recorded),
    };
    left = {
      ...left,
      interactions: left.interactions - part.interactions,
      failed: left.failed - part.failed,
      inputTokens: left.inputTokens - part.inputTokens,
      outputTokens: left.outputTokens - part.outputTokens,
      cost: left.cost - part.cost,
      recordedCost: left.recordedCost - part.recordedCost,
      unpriced: left.unpriced - part.unpriced,
      recorded: left.recorded - part.recorded,
    };
    return { key: `${index}`, label, ...part };
  });
}
