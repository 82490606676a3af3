import type { Figures, Rating } from "./report.ts";

/** US dollars as an exact decimal. */
export type Dollars = Figures["total_cost"];

const decimals = 10;
const currency = { style: "currency", currency: "USD" } as const;
const exact = { minimumFractionDigits: 2, maximumFractionDigits: decimals } as const;
const plainForm = new Intl.NumberFormat("en-US", { ...exact, useGrouping: false });
const exactForm = new Intl.NumberFormat("en-US", { ...currency, ...exact });
// Made once for each number of decimals: a report of ten years writes very many costs.
const shortForms = Array.from(
  { length: decimals + 1 },
  (_, digits) =>
    new Intl.NumberFormat("en-US", {
      ...currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }),
);

/** Dollars for programs: 1234.50. */
export function plainDollars(dollars: Dollars): string {
  return plainForm.format(dollars);
}

/** Dollars to the last decimal: $1,234.50, $0.0000123. */
export function exactDollars(dollars: Dollars): string {
  return exactForm.format(dollars);
}

/**
 * Short dollars: to the cent, and below a dollar with two significant digits, so that a small cost
 * is never shown as zero.
 */
export function shortDollars(dollars: Dollars): string {
  const size = Math.abs(Number(dollars));
  const digits = size === 0 ? 2 : 1 - Math.floor(Math.log10(size));
  return (shortForms[Math.min(decimals, Math.max(2, digits))] ?? exactForm).format(dollars);
}

/** A count with thousands separators: 12,345. */
export function exactCount(count: number | bigint): string {
  return count.toLocaleString("en-US");
}

/** A short count: 950, 12.3 k, 500 k, 4.5 M, 1.2 G, then T and P. */
export function shortCount(exact: number | bigint): string {
  const count = Number(exact);
  const units = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]] as const;
  // What would round to 1000 of a unit is written as 1 of the next unit.
  const [size, name] = units.find(([size]) => count >= size * 0.9995) ?? [1, ""];
  return `${Number((count / size).toPrecision(3))} ${name}`.trim();
}

/**
 * A share of a total: 12.3 %; a nonzero share is never shown as 0 %, nor an incomplete one as 100
 * %.
 */
export function share(part: number, whole: number): string {
  if (whole === 0) return "–";
  const percent = 100 * part / whole;
  if (percent > 0 && percent < 0.1) return "<0.1 %";
  if (percent < 100 && percent > 99.9) return ">99.9 %";
  return `${percent.toFixed(1)} %`;
}

/** The largest of any number of values; -Infinity for none. */
export function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), -Infinity);
}

/** A mean rating, of 1 to 5. */
export function meanRating({ mean }: Rating): string {
  return mean === null ? "–" : mean.toFixed(2);
}

/** A noun with its number: 1 day, 30 days. */
export function counted(count: number, noun: string): string {
  return `${exactCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}
