import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { dollarsOf, exactDollars, parseDollars, shortDollars } from "./money.ts";

Deno.test("dollars are read and written without losing a decimal", () => {
  const texts = [
    "0",
    "0.1",
    "12",
    "1234567.8901234567",
    "0.0000000001",
    "98765432109876.5432100000",
  ];
  deepEqual(texts.map((text) => exactDollars(parseDollars(text))), [
    "$0.00",
    "$0.10",
    "$12.00",
    "$1,234,567.8901234567",
    "$0.0000000001",
    "$98,765,432,109,876.54321",
  ]);
  const units = fc.bigInt({ min: 0n, max: 10n ** 20n });
  fc.assert(fc.property(units, (value) => {
    equal(parseDollars(exactDollars(value).replace(/[$,]/g, "")), value);
  }));
});

Deno.test("a cost at a glance has cents, or two digits that count, and is never shown as none", () => {
  const texts = ["0", "1234.565", "1", "0.995", "0.42", "0.0425", "0.00123456", "0.0000000001"];
  deepEqual(texts.map((text) => shortDollars(parseDollars(text))), [
    "$0.00",
    "$1,234.57",
    "$1.00",
    "$1.00",
    "$0.42",
    "$0.043",
    "$0.0012",
    "$0.0000000001",
  ]);
});

Deno.test("what is no decimal is refused", () => {
  for (const text of ["", "1e-7", "NaN", "1.", ".5", "1,000", "0.12345678901", " 1"]) {
    throws(() => parseDollars(text), RangeError, text);
  }
});

Deno.test("dollars for a scale are numbers", () => {
  equal(dollarsOf(parseDollars("12.5")), 12.5);
});
