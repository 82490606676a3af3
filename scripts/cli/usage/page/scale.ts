/** The values that an axis shows. */
export interface Scale {
  /** Round values from the lowest to the highest, evenly apart. */
  ticks: number[];
  /** Where a value lies: 0 at the lowest tick, 1 at the highest. */
  at(value: number): number;
}

/** A scale from 0 to at least `most`, in three to five steps of 1, 2 or 5. */
export function scaleTo(most: number): Scale {
  if (!(most > 0)) return scaleOf([0, 1]);
  const size = 10 ** Math.floor(Math.log10(most / 3));
  const step = ([1, 2, 5, 10].find((factor) => most / (factor * size) <= 5) ?? 10) * size;
  const count = Math.ceil(most / step - 1e-9);
  // Multiplied, not summed: sums of steps drift away from the round values.
  return scaleOf(
    Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12))),
  );
}

/** A scale with these values. */
export function scaleOf(ticks: number[]): Scale {
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1];
  return { ticks, at: (value) => (value - low) / (high - low) };
}
