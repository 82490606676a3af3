import { readArguments, wholeNumber } from "../../common/arguments.ts";

const actions = [
  "copy",
  "plan",
  "prepare",
  "apply",
  "verify",
  "retry",
  "cut-over",
  "close",
  "undo-cut-over",
  "revert",
] as const;

/** The actions of `npm run import -- …`. */
export type Action = typeof actions[number];

/** The options of `npm run import`. */
export interface ImportOptions {
  action: Action;
  /** The value of --from: a schema, an address, or a file or folder. */
  from: string;
  /** The schema of another database or of a dump; null for that of the copy, else "public". */
  schema: string | null;
  /** The file of the operator's changes to the designs; null for those of the earlier run. */
  mapping: string | null;
  /** The time zone of times without one; null for that of the earlier run, else UTC. */
  timezone: string | null;
  workers: number;
  /** Whether --apply keeps both sides in sync. */
  follow: boolean;
  /** Whether --revert may delete what was written since the import. */
  discard: boolean;
}

/** What `--help` prints. */
export const importHelp = `Brings the data of an old database into Agentbase.

npm run import -- --from <source> --plan
  --from <source>    a schema of the database, such as public or legacy; postgresql://… of another one;
                     a dump of pg_dump (.sql, .sql.gz, .dump, .backup, .tar or a folder); an export
                     of another product (.json, .jsonl, .ndjson); or an export of Agentbase, which
                     is the folder that "npm run export" wrote

What to do, one of
  --copy             copy a source that is no schema into one, so that it can be planned; --apply does
                     it, too
  --plan             say what would happen to each table and column; changes nothing
  --prepare          make views of the tables that --apply will move, so that the old application can
                     be pointed at the schema "legacy" before
  --apply            import; can be interrupted and run again, and resumes where it stopped
  --verify           compare counts and checksums of source and target, per table and chunk
  --retry            import the rows of agentbase_import.quarantine that were corrected
  --cut-over         after --apply --follow: the new tables decide; the old ones can be read and written
                     as before, and refuse what the new ones refuse
  --close            the old tables refuse writes, and keep receiving what is written to the new ones
  --undo-cut-over    undo both
  --revert           remove what was imported, and restore exactly what was there

Options
  --schema <name>    of another database or of a dump, whose tables are copied         (public)
  --mapping <file>   changes to the designs: labels, tables, columns (docs/import.md)
  --timezone <name>  of times that have none                                      (UTC)
                     An import remembers these three: later commands need not name them again.
  --workers <n>      connections that import at the same time, 1 to 8              (2)
  --follow           with --apply: rows that either application writes reach the other's tables, until
                     --revert
  --discard          let --revert delete what was written since the import
  --help             this text

The database is the one that DB_URL names, else the stack that runs here (STACK_DIR). Where it does not
have the migrations of Agentbase, --apply moves the tables whose names they need to the schema
"legacy" and applies them; --revert undoes that too. Rows that cannot be imported are kept in
agentbase_import.quarantine, each with its reason. The exit code is 1 where --verify finds a difference.`;

/**
 * Reads the arguments of `npm run import`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseImportOptions(args: readonly string[]): ImportOptions {
  const known = {
    from: { type: "string", default: "" },
    copy: { type: "boolean", default: false },
    plan: { type: "boolean", default: false },
    prepare: { type: "boolean", default: false },
    apply: { type: "boolean", default: false },
    verify: { type: "boolean", default: false },
    retry: { type: "boolean", default: false },
    "cut-over": { type: "boolean", default: false },
    close: { type: "boolean", default: false },
    "undo-cut-over": { type: "boolean", default: false },
    revert: { type: "boolean", default: false },
    schema: { type: "string" },
    mapping: { type: "string" },
    timezone: { type: "string" },
    workers: { type: "string", default: "2" },
    follow: { type: "boolean", default: false },
    discard: { type: "boolean", default: false },
  } as const;
  return readArguments("import", args, known, (values) => {
    const asked = actions.filter((action) => values[action]);
    const [action, other] = asked;
    if (action === undefined) {
      throw new Error(`one of ${actions.map((name) => `--${name}`).join(", ")} is missing`);
    }
    if (other !== undefined) throw new Error(`--${action} and --${other} cannot be used together`);
    if (values.from === "") throw new Error("--from <source> is missing");
    if (values.follow && action !== "apply") throw new Error("--follow is for --apply");
    if (values.discard && action !== "revert") throw new Error("--discard is for --revert");
    return {
      action,
      from: values.from,
      schema: values.schema ?? null,
      mapping: values.mapping ?? null,
      timezone: values.timezone ?? null,
      workers: wholeNumber("--workers", values.workers, 1, 8),
      follow: values.follow,
      discard: values.discard,
    };
  });
}
