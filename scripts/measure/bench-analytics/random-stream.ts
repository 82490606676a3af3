/** A deterministic pseudorandom generator. */
export interface RandomStream {
  /** 32 random bits. */
  word(): number;
  /** From 0 to just below 1. */
  unit(): number;
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  /** Around a median, as times and sizes are: many small, few very large. */
  lognormal(median: number, spread: number): number;
}

/**
 * Creates a generator. The streams of one seed are independent, so that each day of the data can be
 * generated without the days before it.
 */
export function createRandomStream(seed: number, stream: number): RandomStream {
  // sfc32: fast, and its 128 bits of state are enough for billions of draws.
  let [a, b, c, counter] = [seed >>> 0, stream >>> 0, 0x9e3779b9, 1];
  const word = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) word();
  const unit = () => word() / 2 ** 32;
  return {
    word,
    unit,
    below: (limit) => Math.floor(unit() * limit),
    lognormal(median, spread) {
      const normal = Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit());
      return median * Math.exp(spread * normal);
    },
  };
}
