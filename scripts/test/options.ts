import { readArguments, wholeNumber } from "../common/arguments.ts";

/** The options of `npm test`. */
export interface TestOptions {
  /** Names of the layers to run; empty means all. */
  only: string[];
  /** Run only the pgTAP files whose path contains this. */
  match: string | null;
  /** Hosts of functions that the end-to-end tests call; with one, the stack's own. */
  hosts: number;
}

/**
 * Reads the arguments of `npm test`.
 *
 * @param layers Names of all layers; what begins like several names them all: `database` runs both.
 * @throws {ArgumentError} when an argument is unknown or a layer of that name does not exist.
 */
export function parseTestOptions(args: readonly string[], layers: readonly string[]): TestOptions {
  const known = {
    only: { type: "string", multiple: true },
    match: { type: "string" },
    hosts: { type: "string", default: "1" },
  } as const;
  return readArguments("test", args, known, ({ only, match, hosts }) => {
    if (match === "") throw new Error("--match has no value");
    return {
      only: (only ?? []).flatMap((text) => layersOf(text, layers)),
      match: match ?? null,
      hosts: wholeNumber("--hosts", hosts, 1),
    };
  });
}

function layersOf(text: string, layers: readonly string[]): string[] {
  return text.split(",").flatMap((name) => {
    const matches = layers.filter((layer) => layer === name || layer.startsWith(`${name}-`));
    if (matches.length > 0) return matches;
    throw new Error(`--only "${name}" is unknown; the layers are ${layers.join(", ")}`);
  });
}
