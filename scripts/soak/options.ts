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
 * Reads the command line.
 *
 * @throws {Error} when an argument is unknown or its value makes no sense.
 */
export function parseSoakOptions(args: readonly string[], randomSeed: number): SoakOptions {
  const options: SoakOptions = {
    help: false,
    turns: 1_000,
    seconds: Infinity,
    clients: 16,
    seed: randomSeed,
  };
  const rest = args.flatMap((argument) =>
    argument.startsWith("--") ? argument.split("=") : argument
  );
  while (rest.length > 0) {
    const argument = rest.shift();
    if (argument === "--help" || argument === "-h") options.help = true;
    else if (argument === "--turns") options.turns = wholeNumber(argument, rest.shift(), 1);
    else if (argument === "--seconds") {
      options.seconds = wholeNumber(argument, rest.shift(), 1);
    } else if (argument === "--clients") options.clients = wholeNumber(argument, rest.shift(), 1);
    else if (argument === "--seed") options.seed = wholeNumber(argument, rest.shift(), 0);
    else throw new Error(`Cannot read argument "${argument}": it is unknown. Try --help`);
  }
  return options;
}

function wholeNumber(name: string, text: string | undefined, least: number): number {
  const value = Number(text);
  if (text !== undefined && /^\d+$/.test(text) && value >= least) return value;
  throw new Error(
    `Cannot read "${name} ${text ?? ""}": it takes a whole number from ${least}. Try --help`,
  );
}
