import type { SizeReport } from "./bench.ts";

/** A promise, what was measured, and whether it is kept. */
export interface Promised {
  promise: string;
  target: string;
  measured: string;
  isKept: boolean;
}

/** The largest ratio to what something is compared with. */
const mostRatio = 1.3;

/** Compares the largest ledger with what is promised for it, and with the smallest. */
export function promisesOf(sizes: readonly SizeReport[]): Promised[] {
  const [small, large] = [sizes[0], sizes.at(-1)];
  if (small === undefined || large === undefined) return [];
  const promised: Promised[] = [];
  const { refresh, questions, inserts } = large;
  if (refresh !== null) {
    promised.push(
      atMost(
        "A new day is counted, beside a bare GROUP BY over its rows",
        refresh.newDay.ratio,
        "×",
      ),
      atMost("A day is counted again, beside the same", refresh.sameDay.ratio, "×"),
      atMost(`${refresh.edits} late edits are counted`, refresh.editsMs, " ms", 100),
    );
  }
  for (const { question, ms } of questions ?? []) {
    if (question.limit !== null) promised.push(atMost(question.name, ms, " ms", question.limit));
  }
  const worst = maxBy(questions ?? [], ({ ratio }) => ratio);
  if (worst !== undefined) {
    promised.push(
      atMost(`Every query, beside itself by hand; worst: ${worst.question.name}`, worst.ratio, "×"),
    );
  }
  const growth = small === large ? [] : growthOf(small, large);
  const steepest = maxBy(growth, ({ ratio }) => ratio);
  if (steepest !== undefined) {
    promised.push(
      atMost(
        `Growth of what is about one day or agent; worst: ${steepest.name}`,
        steepest.ratio,
        "×",
      ),
    );
  }
  if (inserts !== null) {
    const { insert, turn, insertWork, turnWork } = inserts;
    promised.push(
      atLeast("Rate of inserts with all triggers, beside without", 1 / insert.ratio),
      atLeast("Rate of turns with all triggers, beside without", 1 / turn.ratio),
      atLeast("The same of inserts, by processor time alone", 1 / insertWork.ratio),
      atLeast("The same of turns, by processor time alone", 1 / turnWork.ratio),
    );
  }
  return promised;
}

/** How much longer one thing takes with the larger ledger. */
export interface Growth {
  name: string;
  ratio: number;
}

/** Growth of queries about one agent or one day; per row if the day has more rows. */
export function growthOf(small: SizeReport, large: SizeReport): Growth[] {
  const growth = (small.questions ?? []).flatMap(({ question, ms }) => {
    const twin = large.questions?.find((one) => one.question.name === question.name);
    return question.isNarrow && twin !== undefined
      ? [{ name: question.name, ratio: twin.ms / ms }]
      : [];
  });
  const [before, after] = [small.refresh, large.refresh];
  if (before !== null && after !== null) {
    const perRow = after.dayRows / before.dayRows;
    growth.push(
      { name: "a new day, per row", ratio: after.newDay.ms / before.newDay.ms / perRow },
      { name: "a day again, per row", ratio: after.sameDay.ms / before.sameDay.ms / perRow },
      { name: "late edits", ratio: after.editsMs / before.editsMs },
    );
  }
  return growth;
}

function atMost(promise: string, value: number, unit: string, limit = mostRatio): Promised {
  return promisedOf(promise, "≤", value, unit, limit, value <= limit);
}

function atLeast(promise: string, value: number, limit = 0.7): Promised {
  return promisedOf(promise, "≥", value, "×", limit, value >= limit);
}

function promisedOf(
  promise: string,
  sign: string,
  value: number,
  unit: string,
  limit: number,
  isKept: boolean,
): Promised {
  const digits = unit === "×" ? 2 : 0;
  return {
    promise,
    target: `${sign} ${limit}${unit}`,
    measured: `${value.toFixed(digits)}${unit}`,
    isKept,
  };
}

function maxBy<Item>(items: readonly Item[], value: (item: Item) => number): Item | undefined {
  return items.toSorted((one, other) => value(other) - value(one))[0];
}
