import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run test:soak`. */
export interface SoakOptions {
  /** How many turns are to begin. */
  turns: number;
  /** Begin no further turn after so many seconds. */
  seconds: number;
  /** How many clients call at once. */
  clients: number;
  /** How many hosts of functions the stack stands behind; with one, the stack's own. */
  hosts: number;
  /** Decides every fault and every step of a client. */
  seed: number;
}

/** What `--help` prints. */
export const soakHelp =
  `Runs many turns on a stack of its own, through an upstream that fails in every way it can, for
clients that leave and repeat themselves, beside a Redis in trouble. Halfway the stack is killed and
started again; of several hosts, one is. At the end every turn must be settled, nothing may be
reserved, and every sum must be exact.

npm run test:soak -- [options]
  --turns <number>    how many turns are begun               (1000)
  --seconds <number>  begin no turn after so many seconds    (no limit)
  --clients <number>  how many clients call at once          (16)
  --hosts <number>    hosts of functions behind a balancer, and PgBouncer before Postgres (1)
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

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
