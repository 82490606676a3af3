import { readArguments, wholeNumber } from "../../common/arguments.ts";

/** The options of `npm run test:mutation`. */
export interface MutationOptions {
  /** Only name the mutants. */
  list: boolean;
  /** Try only mutants whose name matches this. */
  only: RegExp | null;
  /** Of the pgTAP files, run only those whose path contains this. */
  match: string;
  /** Begin no further mutant after so many seconds. */
  seconds: number;
}

/**
 * Reads the arguments of `npm run test:mutation`.
 *
 * @throws {ArgumentError} when an argument is unknown or its value makes no sense.
 */
export function parseMutationOptions(args: readonly string[]): MutationOptions {
  const known = {
    list: { type: "boolean", default: false },
    only: { type: "string" },
    match: { type: "string", default: "" },
    seconds: { type: "string" },
  } as const;
  return readArguments("test:mutation", args, known, ({ list, only, match, seconds }) => ({
    list,
    match,
    only: only === undefined ? null : patternOf(only),
    seconds: seconds === undefined ? Infinity : wholeNumber("--seconds", seconds, 1),
  }));
}

function patternOf(text: string): RegExp {
  if (text === "") throw new Error("--only has no value");
  try {
    return new RegExp(text, "i");
  } catch {
    throw new Error(`--only "${text}" is not a regular expression`);
  }
}
