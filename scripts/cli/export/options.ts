import { readArguments } from "../../common/arguments.ts";

/** The options of `npm run export`. */
export interface ExportOptions {
  /** The folder to which the files are written. */
  folder: string;
  /** The id or slug of the organization; null for all. */
  organization: string | null;
}

/** What `--help` prints. */
export const exportHelp =
  `Exports organizations with their members, agents, models, conversations, ledger and audit log, as
JSON lines.

npm run export -- --to <folder>
  --to <folder>          where a file for each table, and manifest.json, are written
  --organization <name>  only this one, by id or slug                     (all)
  --help                 this text

Each line of a file is a row as JSON, with the columns of docs/data-dictionary.md. Keys, tokens and
other secrets are not exported. The database is the one that DB_URL names, else that of the running
stack (STACK_DIR). All files are from one snapshot of the database.`;

/**
 * Reads the arguments of `npm run export`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseExportOptions(args: readonly string[]): ExportOptions {
  const known = {
    to: { type: "string", default: "" },
    organization: { type: "string" },
  } as const;
  return readArguments("export", args, known, ({ to, organization }) => {
    if (to === "") throw new Error("--to <folder> is missing");
    return { folder: to, organization: organization ?? null };
  });
}
