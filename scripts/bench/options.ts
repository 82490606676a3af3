import { parseArgs } from "node:util";
import { StackError } from "../stack/stack-error.ts";

/** Parts of the benchmark, in the order in which they run. */
export const PARTS = ["database", "function", "gateways"] as const;

/** A part of the benchmark. */
export type Part = typeof PARTS[number];

/** How `npm run bench:chat` is told what to measure. */
export interface BenchOptions {
  /** Length of one slice, in seconds. */
  seconds: number;
  /** How often every slice is taken, always one after the other. */
  rounds: number;
  parts: readonly Part[];
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
  help: boolean;
}

/** What `--help` prints. */
export const benchHelp = `Measures chat beside its alternatives, on this machine, in one run.

npm run bench:chat -- [options]
  --seconds  length of one slice of measuring             (4)
  --rounds   how often each slice is taken, interleaved   (3)
  --only     parts to run, of ${PARTS.join(", ")}   (all)
  --write    put the numbers into docs/benchmarks.md
  --help     this text

database  begin and settle under pgbench, beside bare inserts of the same rows
function  CPU of the chat function alone, its outside replaced by one that answers at once
gateways  the same requests to an echo model, directly, through this gateway, and through
          @portkey-ai/gateway, which is installed from npm into STACK_DIR/bench`;

/**
 * Reads the arguments of `npm run bench:chat`.
 *
 * @throws {StackError} on an argument that makes no sense.
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: "string", default: "4" },
        rounds: { type: "string", default: "3" },
        only: { type: "string", default: PARTS.join(",") },
        write: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const parts = partsOf(values.only);
    if (values.write && parts.length < PARTS.length) {
      throw new Error("--write needs all parts, or the page would show numbers of different runs");
    }
    return {
      seconds: numberOf("--seconds", values.seconds, 2, 600),
      rounds: numberOf("--rounds", values.rounds, 1, 100),
      parts,
      write: values.write,
      help: values.help,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new StackError(
      `Cannot read the arguments: ${reason}. "npm run bench:chat -- --help" lists them.`,
    );
  }
}

function numberOf(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${name} "${text}" is no whole number from ${least} to ${most}`);
}

function partsOf(text: string): Part[] {
  const names = text.split(",");
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) throw new Error(`--only does not know "${unknown}"`);
  return PARTS.filter((part) => names.includes(part));
}
