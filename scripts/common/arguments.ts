import { parseArgs, type ParseArgsConfig } from "node:util";
import { CommandError } from "./command-error.ts";

type Known = NonNullable<ParseArgsConfig["options"]>;
type Values<Options extends Known> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options }>
>["values"];

/** Invalid command-line arguments. */
export class ArgumentError extends CommandError {
  override name = "ArgumentError";
}

/**
 * Reads the arguments of a command, except `--help`, which `runMain()` answers.
 *
 * @param command What follows `npm run`, for the message.
 * @param known As `parseArgs` of `node:util` takes them.
 * @param read Converts the values to options; its errors say what is invalid.
 * @throws {ArgumentError} on an unknown or invalid argument.
 */
export function readArguments<const Options extends Known, Result>(
  command: string,
  args: readonly string[],
  known: Options,
  read: (values: Values<Options>) => Result,
): Result {
  try {
    return read(parseArgs({ args: [...args], options: known }).values);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new ArgumentError(
      `Cannot read the arguments: ${reason}. "npm run ${command} -- --help" lists them.`,
    );
  }
}

/** Reads the arguments of a command that takes none but `--help`. */
export function noArguments(command: string): (args: readonly string[]) => void {
  return (args) => readArguments(command, args, {}, () => {});
}

/** Reads the whole number of an option, within its bounds. */
export function wholeNumber(
  name: string,
  text: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `${least}` : `${least} to ${most}`;
  throw new Error(`${name} "${text}" is not a whole number from ${range}`);
}

/** The names that an option lists with commas between them, in the order in which they are known. */
export function namesOf<Name extends string>(
  name: string,
  text: string,
  known: readonly Name[],
): Name[] {
  const names = text.split(",");
  const unknown = names.find((one) => !known.some((other) => other === one));
  if (unknown !== undefined) throw new Error(`${name} "${unknown}" is unknown`);
  return known.filter((one) => names.includes(one));
}
