/** Decimals of a cost in the database. */
const decimals = 10;
const dollar = 10n ** BigInt(decimals);

/**
 * Reads dollars as the database writes them, exactly.
 *
 * @returns units of 1e-10 dollars.
 * @throws {RangeError} on anything but a decimal of at most ten places.
 */
export function parseDollars(text: string): bigint {
  const [, sign, whole, fraction = ""] = text.match(/^(-?)(\d+)(?:\.(\d{1,10}))?$/) ?? [];
  if (whole === undefined) {
    throw new RangeError(`Cannot read "${text}" as dollars: it is no decimal.`);
  }
  const units = BigInt(whole) * dollar + BigInt(fraction.padEnd(decimals, "0"));
  return sign === "-" ? -units : units;
}

/** Dollars to the last decimal: $1,234.50, $0.0000123. */
export function exactDollars(units: bigint): string {
  return written(units, decimals).replace(/(\.\d{2,}?)0+$/, "$1");
}

/**
 * Dollars to read at a glance: to the cent from a dollar on, below it with two digits that count, so
 * that a small cost is never shown as none.
 */
export function shortDollars(units: bigint): string {
  const size = units < 0n ? -units : units;
  if (size === 0n || size >= dollar) return written(units, 2);
  const firstDigit = decimals - size.toString().length + 1;
  return written(units, Math.min(decimals, Math.max(2, firstDigit + 1)));
}

/** Dollars for a scale, which has round values. */
export function dollarsOf(units: bigint): number {
  return Number(units) / Number(dollar);
}

/** Rounds half away from zero. */
function written(units: bigint, places: number): string {
  const size = units < 0n ? -units : units;
  const step = 10n ** BigInt(decimals - places);
  const rounded = (size + step / 2n) / step;
  const digits = rounded.toString().padStart(places + 1, "0");
  const whole = digits.slice(0, -places).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${units < 0n && rounded > 0n ? "-" : ""}$${whole}.${digits.slice(-places)}`;
}
