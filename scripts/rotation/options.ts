/** What `npm run test:rotation -- …` was asked for. */
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
 * Reads the command line.
 *
 * @throws {Error} when an argument is unknown or its value makes no sense.
 */
export function parseRotationOptions(args: readonly string[], randomSeed: number): RotationOptions {
  const options: RotationOptions = {
    help: false,
    keys: 10_000,
    clients: 6,
    batch: 500,
    seed: randomSeed,
  };
  const rest = args.flatMap((argument) =>
    argument.startsWith("--") ? argument.split("=") : argument
  );
  while (rest.length > 0) {
    const argument = rest.shift();
    if (argument === "--help" || argument === "-h") options.help = true;
    else if (argument === "--keys") options.keys = wholeNumber(argument, rest.shift());
    else if (argument === "--clients") options.clients = wholeNumber(argument, rest.shift());
    else if (argument === "--batch") options.batch = wholeNumber(argument, rest.shift());
    else if (argument === "--seed") options.seed = wholeNumber(argument, rest.shift());
    else throw new Error(`Cannot read argument "${argument}": it is unknown. Try --help`);
  }
  return options;
}

function wholeNumber(name: string, text: string | undefined): number {
  const value = Number(text);
  if (text !== undefined && /^\d+$/.test(text) && value >= 1) return value;
  throw new Error(
    `Cannot read "${name} ${text ?? ""}": it takes a whole number from 1. Try --help`,
  );
}
