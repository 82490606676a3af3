import { help, readArguments, wholeNumber } from "../../common/arguments.ts";

/** What `npm run test:soak -- …` was asked for. */
export interface SoakOptions {
  help: boolean;
  /** How many turns are to begin. */
  turns: number;
  /** Begin no further turn after so many seconds. */
  seconds: number;
  /** How many clients call at once. */
  clients: number;
  /** Decides every fault and every step of a client. */
  seed: number;
}

/**
 * Reads the arguments of `npm run test:soak`.
 *
 * @throws {CommandError} when an argument is unknown or its value makes no sense.
 */
export function parseSoakOptions(args: readonly string[], randomSeed: number): SoakOptions {
  const known = {
    turns: { type: "string", default: "1000" },
    seconds: { type: "string" },
    clients: { type: "string", default: "16" },
    seed: { type: "string", default: String(randomSeed) },
    help,
  } as const;
  return readArguments("test:soak", args, known, ({ turns, seconds, clients, seed, help }) => ({
    turns: wholeNumber("--turns", turns, 1),
    seconds: seconds === undefined ? Infinity : wholeNumber("--seconds", seconds, 1),
    clients: wholeNumber("--clients", clients, 1),
    seed: wholeNumber("--seed", seed, 0),
    help,
  }));
}
