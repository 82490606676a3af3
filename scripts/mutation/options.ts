/** What `npm run test:mutate -- …` was asked for. */
export interface Options {
  help: boolean;
  /** Only name the mutants. */
  list: boolean;
  /** Try only mutants whose name matches this. */
  only: RegExp | null;
  /** Begin no further mutant after so many seconds. */
  seconds: number;
}

/**
 * Reads the command line.
 * Throws when an argument is unknown or its value makes no sense.
 */
export function parseOptions(args: readonly string[]): Options {
  const options: Options = { help: false, list: false, only: null, seconds: Infinity };
  const rest = args.flatMap((argument) => {
    const equals = argument.startsWith("--") ? argument.indexOf("=") : -1;
    return equals < 0 ? [argument] : [argument.slice(0, equals), argument.slice(equals + 1)];
  });
  while (rest.length > 0) {
    const argument = rest.shift();
    if (argument === "--help" || argument === "-h") options.help = true;
    else if (argument === "--list") options.list = true;
    else if (argument === "--only") options.only = pattern(rest.shift());
    else if (argument === "--seconds") options.seconds = duration(rest.shift());
    else throw new Error(`Cannot read argument "${argument}": it is unknown. Try --help`);
  }
  return options;
}

function pattern(value: string | undefined): RegExp {
  if (value === undefined || value === "") {
    throw new Error('Cannot read argument "--only": its pattern is missing. Try --help');
  }
  try {
    return new RegExp(value, "i");
  } catch {
    throw new Error(`Cannot read pattern "${value}": it is no regular expression. Try --help`);
  }
}

function duration(value: string | undefined): number {
  const seconds = Number(value);
  if (value === undefined || !(seconds > 0)) {
    throw new Error(
      `Cannot read "--seconds ${value ?? ""}": it takes a number above 0. Try --help`,
    );
  }
  return seconds;
}
