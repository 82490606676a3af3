import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** What `npm run test:rotation-drill -- …` was asked for. */
export interface RotationOptions {
  /** How many keys are stored before. */
  keys: number;
  /** How many clients create, replace, use and delete keys meanwhile. */
  clients: number;
  /** Values in one request of the rotation. */
  batch: number;
  /** Decides what the clients do. */
  seed: number;
}

/** What `--help` prints. */
export const rotationHelp =
  `Starts a stack of its own, stores keys under an old encryption key, and encrypts them anew while
clients create, replace, open, use and delete keys. The rotation is killed after a third, the whole
stack after two. At the end the old encryption key is taken off: every key must open to what was
stored last, and an old blob to nothing.

npm run test:rotation-drill -- [options]
  --keys <number>     how many keys are stored before        (10000)
  --clients <number>  how many clients work meanwhile        (6)
  --batch <number>    values in one request, 1 to 1000       (500)
  --seed <number>     decides what the clients do            (random)
  --help              this text`;

/**
 * Reads the arguments of `npm run test:rotation-drill`.
 *
 * @throws {ArgumentError} when an argument is unknown or its value makes no sense.
 */
export function parseRotationOptions(args: readonly string[]): RotationOptions {
  const known = {
    keys: { type: "string", default: "10000" },
    clients: { type: "string", default: "6" },
    batch: { type: "string", default: "500" },
    seed: { type: "string", default: String(randomSeed()) },
  } as const;
  return readArguments(
    "test:rotation-drill",
    args,
    known,
    ({ keys, clients, batch, seed }) => ({
      keys: wholeNumber("--keys", keys, 1),
      clients: wholeNumber("--clients", clients, 1),
      batch: wholeNumber("--batch", batch, 1, 1000),
      seed: wholeNumber("--seed", seed, 0),
    }),
  );
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
