import { randomSeed } from "../../common/random.ts";
import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run test:rotation-drill`. */
export interface RotationOptions {
  /** How many keys are stored before. */
  keys: number;
  /** How many clients create, replace, use and delete keys during the rotation. */
  clients: number;
  /** Values in one request of the rotation. */
  batch: number;
  /** Decides what the clients do. */
  seed: number;
}

/** What `--help` prints. */
export const rotationHelp =
  `Starts its own stack, stores keys under an old encryption key, and re-encrypts them while clients
create, replace, reveal, use and delete keys. The rotation is killed after one third, the whole stack
after two. Then the old encryption key is removed: every key must decrypt to the last value stored,
and an old ciphertext must not decrypt.

npm run test:rotation-drill -- [options]
  --keys <number>     number of keys stored beforehand       (10000)
  --clients <number>  number of concurrent clients           (6)
  --batch <number>    values in one request, 1 to 1000       (1000)
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
    batch: { type: "string", default: "1000" },
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
