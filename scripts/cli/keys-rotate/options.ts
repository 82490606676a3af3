import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run keys:rotate`. */
export interface RotateOptions {
  /** Values in one request. */
  batch: number;
}

/** What `--help` prints. */
export const rotateHelp =
  `Re-encrypts all values that use another key with the active key of KEY_ENCRYPTION_KEYS, without
downtime. It can be interrupted and repeated at any time.

npm run keys:rotate -- [options]
  --batch <number>  values in one request, 1 to 1000  (1000)
  --help            this text

FUNCTIONS_URL and SECRET_KEY name the project; without them it is the running local stack (STACK_DIR).
Exits with 0 when all values use the active key, 1 when values are left, 2 when it cannot start.`;

/**
 * Reads the arguments of `npm run keys:rotate`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseRotateOptions(args: readonly string[]): RotateOptions {
  const known = { batch: { type: "string", default: "1000" } } as const;
  return readArguments("keys:rotate", args, known, ({ batch }) => ({
    batch: wholeNumber("--batch", batch, 1, 1000),
  }));
}
