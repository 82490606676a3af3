/**
 * Moves the decimal point of a number that is written as text, without a float in between: 0.0000001
 * times a million is 0.09999999999999999 in JavaScript.
 *
 * @param text Such as "0.0000025", "2.5e-06" or "-1".
 * @param places How far to the right.
 * @returns The text unchanged if it is not a number, so that the database refuses it by name.
 */
export function shiftDecimal(text: string, places: number): string {
  const parts = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim());
  if (parts === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = parts;
  const digits = whole + fraction;
  const point = whole.length + places + Number(exponent);
  const padded = digits.padStart(digits.length + Math.max(0, 1 - point), "0");
  const at = Math.max(1, point);
  const all = padded.padEnd(at, "0");
  const result = `${all.slice(0, at)}.${all.slice(at)}`.replace(/\.?0*$/, "").replace(
    /^0+(?=\d)/,
    "",
  );
  return sign === "-" && result !== "0" ? `-${result}` : result;
}

/** Converts dollars per token to dollars per million tokens. */
export function perMillion(perToken: string | number): string {
  return shiftDecimal(String(perToken), 6);
}
