/** What `npm test -- …` was asked for. */
export interface Options {
  help: boolean;
  /** Names of the layers to run; empty means all. */
  only: string[];
  /** Run only the pgTAP files whose path contains this. */
  match: string | null;
}

/**
 * Reads the command line.
 * Throws when an argument is unknown or a layer of that name does not exist.
 */
export function parseOptions(args: readonly string[], layers: readonly string[]): Options {
  const options: Options = { help: false, only: [], match: null };
  const rest = args.flatMap((argument) =>
    argument.startsWith("--") && argument.includes("=")
      ? [argument.slice(0, argument.indexOf("=")), argument.slice(argument.indexOf("=") + 1)]
      : [argument]
  );
  while (rest.length > 0) {
    const argument = rest.shift();
    if (argument === "--help" || argument === "-h") options.help = true;
    else if (argument === "--only") options.only.push(...layerNames(rest.shift(), layers));
    else if (argument === "--match") options.match = valueOf("--match", rest.shift());
    else throw new Error(`Cannot read argument "${argument}": it is unknown. Try --help`);
  }
  return options;
}

function valueOf(option: string, value: string | undefined): string {
  if (value === undefined || value === "") {
    throw new Error(`Cannot read argument "${option}": its value is missing. Try --help`);
  }
  return value;
}

/** A name stands for every layer that starts with it: `database` runs both. */
function layerNames(value: string | undefined, layers: readonly string[]): string[] {
  const wanted = valueOf("--only", value).split(",");
  return wanted.flatMap((name) => {
    const matches = layers.filter((layer) => layer === name || layer.startsWith(`${name}-`));
    if (matches.length > 0) return matches;
    throw new Error(`Cannot run layer "${name}": it is unknown. Layers: ${layers.join(", ")}`);
  });
}
