import { randomSeed } from "../../common/random.ts";
import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run test:soak`. */
export interface SoakOptions {
  /** Number of turns. */
  turns: number;
  /** No turn begins after this many seconds. */
  seconds: number;
  /** Number of concurrent clients. */
  clients: number;
  /** Number of functions hosts; with one, the stack's own. */
  hosts: number;
  /** Decides every fault and every step of a client. */
  seed: number;
}

/** What `--help` prints. */
export const soakHelp =
  `Runs many turns on its own stack, with an upstream that fails in many ways, clients that disconnect
and repeat requests, and a Redis that fails. Halfway the stack is killed and started again (with
several hosts, one of them). At the end every turn must be settled, no budget may have anything
reserved, and every sum must be exact.

npm run test:soak -- [options]
  --turns <number>    number of turns                        (1000)
  --seconds <number>  begin no turn after this many seconds  (no limit)
  --clients <number>  number of concurrent clients           (16)
  --hosts <number>    functions hosts behind a load balancer, with PgBouncer before Postgres (1)
  --seed <number>     decides faults and clients             (random)
  --help              this text`;

/**
 * Reads the arguments of `npm run test:soak`.
 *
 * @throws {ArgumentError} when an argument is unknown or its value makes no sense.
 */
export function parseSoakOptions(args: readonly string[]): SoakOptions {
  const known = {
    turns: { type: "string", default: "1000" },
    seconds: { type: "string" },
    clients: { type: "string", default: "16" },
    hosts: { type: "string", default: "1" },
    seed: { type: "string", default: String(randomSeed()) },
  } as const;
  return readArguments("test:soak", args, known, ({ turns, seconds, clients, hosts, seed }) => ({
    turns: wholeNumber("--turns", turns, 1),
    seconds: seconds === undefined ? Infinity : wholeNumber("--seconds", seconds, 1),
    clients: wholeNumber("--clients", clients, 1),
    hosts: wholeNumber("--hosts", hosts, 1),
    seed: wholeNumber("--seed", seed, 0),
  }));
}
