import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run bench:import`. */
export interface BenchImportOptions {
  /** Messages of the old database; it has a twentieth as many sessions, and a fifth as many logs. */
  messages: number;
  /** Connections that import at the same time. */
  workers: number;
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
}

/** What `--help` prints. */
export const benchImportHelp = `Measures an import of a generated database of bots.

npm run bench:import -- [options]
  --messages  messages of the old database                       (1000000)
  --workers   connections that import at the same time           (2)
  --write     put the table into docs/benchmarks.md
  --help      this text`;

/**
 * Reads the arguments of `npm run bench:import`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseBenchImportOptions(args: readonly string[]): BenchImportOptions {
  const known = {
    messages: { type: "string", default: "1000000" },
    workers: { type: "string", default: "2" },
    write: { type: "boolean", default: false },
  } as const;
  return readArguments("bench:import", args, known, (values) => ({
    messages: wholeNumber("--messages", values.messages, 1000, 100_000_000),
    workers: wholeNumber("--workers", values.workers, 1, 8),
    write: values.write,
  }));
}
