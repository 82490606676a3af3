import { namesOf, readArguments, wholeNumber } from "../../common/arguments.ts";

/** Parts of the benchmark, in the order in which they run. */
export const PARTS = ["database", "function", "gateways", "transports", "growth"] as const;

/** A part of the benchmark. */
export type Part = typeof PARTS[number];

/** The options of `npm run bench:chat`. */
export interface BenchOptions {
  /** Length of one slice, in seconds. */
  seconds: number;
  /** How often every slice is taken, always one after the other. */
  rounds: number;
  parts: readonly Part[];
  /** Sizes of the ledger for the part "growth", in rows, the smallest first. */
  ledgers: readonly number[];
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
}

/** What `--help` prints. */
export const benchHelp = `Measures chat beside its alternatives, on this machine, in one run.

npm run bench:chat -- [options]
  --seconds  length of one slice of measuring             (4)
  --rounds   how often each slice is taken, interleaved   (3)
  --only     parts to run, of ${PARTS.join(", ")}   (all)
  --ledgers  sizes of the ledger for the part growth      (1000000,10000000)
  --write    put the numbers into docs/benchmarks.md
  --help     this text

database  begin and settle under pgbench, beside bare inserts of the same rows
function  CPU of the chat function alone, its outside replaced by one that answers at once
gateways  the same requests to an echo model, directly, through this gateway, through a naive one
          that only inserts the rows, and through @portkey-ai/gateway, which is installed from npm
          into STACK_DIR/bench
transports  whole answers with functions that call Postgres directly, and through the Data API
growth     processor time of begin and settle by length of the history, size of the prompt and of
           the ledger, and of the first turn on a connection`;

/**
 * Reads the arguments of `npm run bench:chat`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const known = {
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: PARTS.join(",") },
    ledgers: { type: "string", default: "1000000,10000000" },
    write: { type: "boolean", default: false },
  } as const;
  return readArguments("bench:chat", args, known, ({ seconds, rounds, only, ledgers, write }) => {
    const parts = namesOf("--only", only, PARTS);
    if (write && parts.length < PARTS.length) {
      throw new Error("--write needs all parts, or the page would show numbers of different runs");
    }
    return {
      seconds: wholeNumber("--seconds", seconds, 2, 600),
      rounds: wholeNumber("--rounds", rounds, 1, 100),
      parts,
      ledgers: ledgers.split(",")
        .map((rows) => wholeNumber("--ledgers", rows, 1000, 100_000_000))
        .toSorted((one, other) => one - other),
      write,
    };
  });
}
