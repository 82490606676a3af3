import { ArgumentError, namesOf, readArguments, wholeNumber } from "../../common/arguments.ts";
import { isDay } from "../../common/days.ts";
import { formats } from "./sources/formats.ts";

/** Guards that an import may be allowed to pass. */
const allowances = [
  "cache",
  "ended",
  "jump",
  "manual",
  "older",
  "retire",
  "shrink",
  "unit",
  "zero",
] as const;

/** The options of `npm run catalogue`. */
export type CatalogueOptions = {
  mode: "check";
  /** Days after which a price counts as old. */
  maxAge: number;
  /** Days within which a service ends soon. */
  within: number;
} | {
  mode: "plan" | "apply";
  /** Name of the format. */
  from: string;
  /** A local file in that format, else the published list. */
  file: string | null;
  /** The day on which a file was true, as YYYY-MM-DD. */
  asOf: string | null;
  /** Patterns of names of services to add. */
  add: string[];
  allow: (typeof allowances)[number][];
  /** Also print the prices that are kept and confirmed. */
  all: boolean;
};

/** What `--help` prints. */
export const catalogueHelp = `Updates services and prices from a public list.

npm run catalogue -- --from <list> --plan [--add <vendor/names>]
npm run catalogue -- --from <list> --apply [--add <vendor/names>] [--allow <guards>]
npm run catalogue -- --check

  --from     ${formats.map(({ name }) => name).join(", ")}
             genai-prices is installed with Agentbase and needs no network
  --file     a local copy of the list, instead of the published one
  --as-of    day on which that file was true; default: when it was last changed
  --plan     prints what would change
  --apply    changes it, all of it or nothing
  --add      adds services of these names, with commas between them; * stands for
             anything: --add 'openai/gpt-6*,anthropic/claude-*'
  --allow    makes changes that are stopped otherwise, with commas between them:
             jump (a price three times as high or a tenth), zero (free of charge),
             unit (hardly dollars per million tokens), cache (cached tokens cost more),
             ended (a service that ended already), shrink (a list with far fewer
             services), older (prices verified after the list), manual (prices
             entered by hand), retire (ends services that the list no longer has)
  --all      also prints prices that are confirmed or kept
  --check    says which prices are old and which models end soon
  --max-age  days after which a price is old (default 90)
  --within   days within which a model ends soon (default 60)
  --help     this text

Services that the catalogue does not have are added only with --add. Nothing is deleted.
Exit codes: 0 all is up to date or applied, 3 there is something to change or, with --check,
an agent uses a model that ends soon or whose price is old,
1 the list was refused or something failed, 2 the arguments are invalid.
The database is that of the running stack (STACK_DIR), or the one that DB_URL in the
environment names. Connect as the role that owns the tables.`;

const known = {
  from: { type: "string" },
  file: { type: "string" },
  "as-of": { type: "string" },
  plan: { type: "boolean", default: false },
  apply: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  add: { type: "string", multiple: true },
  allow: { type: "string" },
  all: { type: "boolean", default: false },
  "max-age": { type: "string" },
  within: { type: "string" },
} as const;

/**
 * Reads the arguments of `npm run catalogue`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseCatalogueOptions(args: readonly string[]): CatalogueOptions {
  return readArguments("catalogue", args, known, (values): CatalogueOptions => {
    const modes = (["plan", "apply", "check"] as const).filter((mode) => values[mode]);
    const [mode] = modes;
    if (mode === undefined || modes.length > 1) {
      throw new ArgumentError("one of --plan, --apply and --check is needed");
    }
    const onlyFor = mode === "check"
      ? (["from", "file", "as-of", "add", "allow"] as const)
      : (["max-age", "within"] as const);
    const stray = onlyFor.find((name) => values[name] !== undefined);
    if (stray !== undefined) throw new Error(`--${stray} cannot be used with --${mode}`);
    if (mode === "check") {
      return {
        mode,
        maxAge: wholeNumber("--max-age", values["max-age"] ?? "90", 1, 3650),
        within: wholeNumber("--within", values.within ?? "60", 1, 3650),
      };
    }
    const { from, file = null, "as-of": asOf = null } = values;
    if (!formats.some(({ name }) => name === from)) {
      throw new Error(`--from "${from ?? ""}" is not one of the lists`);
    }
    if (asOf !== null && !isDay(asOf)) {
      throw new Error(`--as-of "${asOf}" is not a day such as 2026-01-01`);
    }
    if (asOf !== null && file === null) throw new Error("--as-of needs --file");
    return {
      mode,
      from: from ?? "",
      file,
      asOf,
      add: (values.add ?? []).flatMap((names) => names.split(",")).filter((name) => name !== ""),
      allow: values.allow === undefined ? [] : namesOf("--allow", values.allow, allowances),
      all: values.all,
    };
  });
}
