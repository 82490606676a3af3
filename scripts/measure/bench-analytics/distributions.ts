import type { RandomStream } from "./random-stream.ts";

/** Zipf weights by rank: with exponent 1 the second has half the weight of the first. */
export function zipfWeights(count: number, exponent = 1): number[] {
  return Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent);
}

/** Divides a whole number by weights into whole parts that add up to it. */
export function divideByWeights(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => total * weight / sum);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  // The remainder goes to the parts that lost most by rounding.
  exact.map((value, index) => ({ index, lost: value - Math.floor(value) }))
    .sort((one, other) => other.lost - one.lost || one.index - other.index)
    .slice(0, left)
    .forEach(({ index }) => parts[index]! += 1);
  return parts;
}

/** Picks an index with a probability in proportion to its weight. */
export function weightedChoice(weights: readonly number[]): (random: RandomStream) => number {
  const upTo = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, index) => upTo[index] = sum += weight);
  return (random) => {
    const wanted = random.unit() * sum;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
