import type { Draw } from "./draw.ts";

/** Weights of so many things by rank, as use is spread in life: the second half as much as the first. */
export function zipf(count: number, exponent = 1): number[] {
  return Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent);
}

/** Deals a whole number out by weights, so that the parts are whole and add up to it. */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => total * weight / sum);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  // What is left goes to those who lost most to rounding.
  exact.map((value, index) => ({ index, lost: value - Math.floor(value) }))
    .sort((one, other) => other.lost - one.lost || one.index - other.index)
    .slice(0, left)
    .forEach(({ index }) => parts[index]! += 1);
  return parts;
}

/** Picks an index, each as often as its weight says. */
export function chooser(weights: readonly number[]): (draw: Draw) => number {
  const upTo = new Float64Array(weights.length);
  let sum = 0;
  weights.forEach((weight, index) => upTo[index] = sum += weight);
  return (draw) => {
    const wanted = draw.unit() * sum;
    let [low, high] = [0, upTo.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (upTo[middle]! > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
