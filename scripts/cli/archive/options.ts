import { readArguments } from "../../common/arguments.ts";
import { isDay } from "../../common/days.ts";

/** The options of `npm run archive`. */
export interface ArchiveOptions {
  /** Interactions that began before this day are written, as YYYY-MM-DD, in UTC. */
  before: string;
  /** Where the files are. */
  folder: string;
  restore: boolean;
}

/** What `--help` prints. */
export const archiveHelp = `Exports old interactions before they are removed, and restores them.

npm run archive -- --before 2026-01-01 --to <folder>
npm run archive -- --restore --from <folder>

  --before   interactions that began before this day, in UTC
  --to       folder of the archive; months that it already has are updated
  --restore  restores them into the ledger; rows that exist, and rows that
             changed after they were archived, are skipped
  --from     folder of the archive
  --help     this text

Each month is a file interactions-YYYY-MM-….csv.gz in the format of COPY; manifest.json lists its
name, columns, rows, costs and SHA-256. The database is that of the running stack (STACK_DIR), or the
one that DB_URL in the environment names. Connect as the role that owns the tables.`;

/**
 * Reads the arguments of `npm run archive`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseArchiveOptions(args: readonly string[]): ArchiveOptions {
  const known = {
    before: { type: "string", default: "" },
    to: { type: "string", default: "" },
    from: { type: "string", default: "" },
    restore: { type: "boolean", default: false },
  } as const;
  return readArguments("archive", args, known, (values) => {
    const { before, restore } = values;
    const [wanted, other] = restore ? ["from", "to"] as const : ["to", "from"] as const;
    if (values[wanted] === "") throw new Error(`--${wanted} <folder> is missing`);
    if (values[other] !== "") {
      throw new Error(`--${other} cannot be used ${restore ? "with" : "without"} --restore`);
    }
    if (!restore && !isDay(before)) {
      throw new Error(`--before "${before}" is not a day such as 2026-01-01`);
    }
    return { before, folder: values[wanted], restore };
  });
}
