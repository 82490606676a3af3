import { help, readArguments, wholeNumber } from "../../common/arguments.ts";

/** What `npm run test:rotation-drill -- …` was asked for. */
export interface RotationOptions {
  help: boolean;
  /** How many keys are stored before. */
  keys: number;
  /** How many clients create, replace, use and delete keys meanwhile. */
  clients: number;
  /** Values in one request of the rotation. */
  batch: number;
  /** Decides what the clients do. */
  seed: number;
}

/**
 * Reads the arguments of `npm run test:rotation-drill`.
 *
 * @throws {CommandError} when an argument is unknown or its value makes no sense.
 */
export function parseRotationOptions(args: readonly string[], randomSeed: number): RotationOptions {
  const known = {
    keys: { type: "string", default: "10000" },
    clients: { type: "string", default: "6" },
    batch: { type: "string", default: "500" },
    seed: { type: "string", default: String(randomSeed) },
    help,
  } as const;
  return readArguments(
    "test:rotation-drill",
    args,
    known,
    ({ keys, clients, batch, seed, help }) => ({
      keys: wholeNumber("--keys", keys, 1),
      clients: wholeNumber("--clients", clients, 1),
      batch: wholeNumber("--batch", batch, 1, 1000),
      seed: wholeNumber("--seed", seed, 0),
      help,
    }),
  );
}
