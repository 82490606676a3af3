/** A deterministic source of random choices. */
export interface Random {
  /** True with a probability in percent. */
  percent(share: number): boolean;
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  /** One of the values, with a probability in proportion to its weight. */
  weighted<Value>(choices: readonly (readonly [weight: number, value: Value])[]): Value;
  /** 32 hexadecimal digits. */
  id(): string;
}

/** Creates a source: the same seed gives the same choices. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // Mulberry32: small, and uniform enough to choose faults.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    percent: (share) => next() * 100 < share,
    below,
    weighted(choices) {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, value] of choices) {
        left -= weight;
        if (left < 0) return value;
      }
      throw new Error("Cannot choose: no choice has a weight");
    },
    id: () => Array.from({ length: 32 }, () => below(16).toString(16)).join(""),
  };
}

/** A seed for a run that names none. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
