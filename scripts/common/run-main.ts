import { ArgumentError } from "./arguments.ts";
import { explain } from "./explain.ts";

/** An npm command. */
export interface Command<Options> {
  /** What `--help` prints. */
  help: string;
  /**
   * Reads the arguments.
   *
   * @throws {ArgumentError} on an unknown or invalid argument.
   */
  parse(args: readonly string[]): Options;
  /** Does the work; the exit code is 0 unless it returns another. */
  run(options: Options): Promise<number | void>;
}

/**
 * Runs a command with the arguments of this process, and ends the process with its exit code: 2 for
 * arguments that make no sense, 1 for any other error, which it prints.
 *
 * Where `--help` or `-h` is among the arguments, it prints the help and does nothing else.
 */
export async function runMain<Options>(
  { help, parse, run }: Command<Options>,
): Promise<never> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(help);
    Deno.exit(0);
  }
  try {
    Deno.exit(await run(parse(Deno.args)) ?? 0);
  } catch (error) {
    console.error(explain(error));
    Deno.exit(error instanceof ArgumentError ? 2 : 1);
  }
}
