import { join } from "node:path";
import { namesOf, readArguments, wholeNumber } from "../../common/arguments.ts";

/** Parts of the benchmark, in the order in which they run. */
export const PARTS = ["questions", "refresh", "inserts"] as const;

/** A part of the benchmark. */
export type Part = typeof PARTS[number];

/** The options of `npm run bench:analytics`. */
export interface AnalyticsOptions {
  /** Sizes of the ledger, the smallest first. */
  rows: readonly number[];
  seed: number;
  /** How often everything is timed. */
  rounds: number;
  parts: readonly Part[];
  /** Where data are kept; null: in the stack's folder. */
  data: string | null;
  /** File for all numbers as JSON; null: none. */
  json: string | null;
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
}

/** What `--help` prints. */
export const analyticsHelp = `Measures the usage analytics on a large ledger, in one run.

npm run bench:analytics -- [options]
  --rows     sizes of the ledger              (1000000,10000000)
  --seed     decides all data                 (1)
  --rounds   how often each thing is timed    (15)
  --only     parts to run, of ${PARTS.join(", ")}   (all)
  --data     folder in which data are kept    (STACK_DIR/bench/analytics)
  --json     file for all numbers
  --write    put the tables into docs/benchmarks.md
  --help     this text

The data of a size are made once: in a minute for a million interactions, a quarter of an hour for
ten, with about 1 GB for each million. They stay until the migrations change or the folder is removed.

questions   what dashboards ask, as a person under row level security and with the filter by hand
refresh     counting a day, beside a bare GROUP BY over its rows; counting 100 late edits
inserts     writing the ledger with its triggers, and without`;

/**
 * Reads the arguments of `npm run bench:analytics`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseAnalyticsOptions(args: readonly string[]): AnalyticsOptions {
  const known = {
    rows: { type: "string", default: "1000000,10000000" },
    seed: { type: "string", default: "1" },
    rounds: { type: "string", default: "15" },
    only: { type: "string", default: PARTS.join(",") },
    data: { type: "string" },
    json: { type: "string" },
    write: { type: "boolean", default: false },
  } as const;
  return readArguments("bench:analytics", args, known, (values) => {
    const sizes = values.rows.split(",").map((text) =>
      wholeNumber("--rows", text, 10_000, 100_000_000)
    );
    const parts = namesOf("--only", values.only, PARTS);
    if (values.write && (parts.length < PARTS.length || sizes.length < 2)) {
      throw new Error("--write needs all parts and two sizes, or the page would lack numbers");
    }
    return {
      rows: [...new Set(sizes)].sort((one, other) => one - other),
      seed: wholeNumber("--seed", values.seed, 0, 2 ** 32 - 1),
      rounds: wholeNumber("--rounds", values.rounds, 1, 1_000),
      parts,
      data: values.data ?? null,
      json: values.json ?? null,
      write: values.write,
    };
  });
}

/** The folder for data below the stack's, unless another was named. */
export function dataFolder({ data }: AnalyticsOptions, stackFolder: string): string {
  return data ?? join(stackFolder, "bench", "analytics");
}
