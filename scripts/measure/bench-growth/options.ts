import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run bench:growth`. */
export interface GrowthOptions {
  /** Sizes of the data, the smallest first. */
  sizes: readonly number[];
  /** How often each question is timed at each size. */
  rounds: number;
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
}

/** What `--help` prints. */
export const growthHelp = `Measures how the cost of questions grows with the data.

npm run bench:growth -- [options]
  --sizes    numbers of rows                     (1000,10000,100000)
  --rounds   how often each question is timed    (9)
  --write    put the table into docs/benchmarks.md
  --help     this text

Exits with 1 if the cost of a question grows by more than its limit.`;

/**
 * Reads the arguments of `npm run bench:growth`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseGrowthOptions(args: readonly string[]): GrowthOptions {
  const known = {
    sizes: { type: "string", default: "1000,10000,100000" },
    rounds: { type: "string", default: "9" },
    write: { type: "boolean", default: false },
  } as const;
  return readArguments("bench:growth", args, known, (values) => ({
    sizes: values.sizes.split(",")
      .map((size) => wholeNumber("--sizes", size, 1000, 100_000_000))
      .toSorted((one, other) => one - other),
    rounds: wholeNumber("--rounds", values.rounds, 1, 1000),
    write: values.write,
  }));
}
