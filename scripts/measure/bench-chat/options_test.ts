import assert from "node:assert/strict";
import { parseBenchOptions, PARTS } from "./options.ts";
import { CommandError } from "../../common/command-error.ts";

Deno.test("without arguments everything is measured and nothing written", () => {
  assert.deepEqual(parseBenchOptions([]), {
    seconds: 4,
    rounds: 3,
    parts: [...PARTS],
    ledgers: [1_000_000, 10_000_000],
    write: false,
  });
});

Deno.test("parts run in a fixed order, whatever the order of the arguments", () => {
  const { parts } = parseBenchOptions(["--only", "gateways,database"]);
  assert.deepEqual(parts, ["database", "gateways"]);
});

for (
  const [args, reason] of [
    [["--seconds", "1"], /whole number from 2 to 600/],
    [["--seconds", "2.5"], /whole number/],
    [["--rounds", "0"], /whole number from 1 to 100/],
    [["--only", "databse"], /"databse" is unknown/],
    [["--fast"], /--fast/],
    [["--write", "--only", "function"], /--write needs all parts/],
  ] as const
) {
  Deno.test(`"${args.join(" ")}" is refused`, () => {
    assert.throws(
      () => parseBenchOptions(args),
      (error) => error instanceof CommandError && reason.test(error.message),
    );
  });
}
