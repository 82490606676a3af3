import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run bench:realtime`. */
export interface RealtimeBenchOptions {
  /** Clients, each a user with a connection, half of them in each of two organizations. */
  subscribers: number;
  events: number;
  /** Events per second. */
  rate: number;
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
}

/** What `--help` prints. */
export const realtimeBenchHelp = `Measures what subscribers of the local Realtime receive, and when.

npm run bench:realtime -- [options]
  --subscribers  users with a connection each, in two organizations  (200)
  --events       changes in each part                                (1000)
  --rate         changes per second                                  (10)
  --write        put the table into docs/benchmarks.md
  --help         this text

Exits with 1 if an event is lost or reaches another user, or if p95 is not below 250 ms.`;

/**
 * Reads the arguments of `npm run bench:realtime`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseRealtimeBenchOptions(args: readonly string[]): RealtimeBenchOptions {
  const known = {
    subscribers: { type: "string", default: "200" },
    events: { type: "string", default: "1000" },
    rate: { type: "string", default: "10" },
    write: { type: "boolean", default: false },
  } as const;
  return readArguments("bench:realtime", args, known, (values) => ({
    subscribers: wholeNumber("--subscribers", values.subscribers, 2, 2_000),
    events: wholeNumber("--events", values.events, 1, 1_000_000),
    rate: wholeNumber("--rate", values.rate, 1, 1_000),
    write: values.write,
  }));
}
