import { readArguments, wholeNumber } from "../../common/arguments.ts";
import { isDay } from "../../common/days.ts";

/** The options of `npm run usage`. */
export interface UsageOptions {
  /** How many days, the last one included. */
  days: number;
  /** First day, as YYYY-MM-DD; null: so that there are so many days. */
  from: string | null;
  /** Last day, as YYYY-MM-DD; null: today. */
  to: string | null;
  /** Slug or id of an organization; null: all of them. */
  organization: string | null;
  /** The URL of the project's API; null to use the environment or the running stack. */
  url: string | null;
  /** Whether to print JSON instead of the report. */
  json: boolean;
  /** File to write the page to; null: none. */
  html: string | null;
}

/** What `--help` prints. */
export const usageHelp = `Reports usage and cost by day, vendor, model, agent and user.

npm run usage -- [options]
  --days          number of days, including the last one           (30)
  --from, --to    first and last day instead, as YYYY-MM-DD        (to: today)
  --organization  slug or id of one organization                   (all)
  --html <file>   write a page with charts, complete in one file
  --json          print JSON, money as exact text
  --url           a project's API, such as https://<ref>.supabase.co
  --help          this text

Days follow the organization's time zone. The report is on the running stack (STACK_DIR), or on the
project that API_URL (or --url) and SECRET_KEY in the environment name. READ_DATABASE_URL names a
database to ask directly instead, such as a read replica.`;

/** The longest range that is reported. */
const mostDays = 3_660;

/** The ledger begins here. */
const firstDay = "1970-01-01";

/**
 * Reads the arguments of `npm run usage`.
 *
 * @throws {ArgumentError} on an invalid argument.
 */
export function parseUsageOptions(args: readonly string[]): UsageOptions {
  const known = {
    days: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    organization: { type: "string" },
    url: { type: "string" },
    json: { type: "boolean", default: false },
    html: { type: "string" },
  } as const;
  return readArguments("usage", args, known, (values) => {
    if (values.days !== undefined && values.from !== undefined) {
      throw new Error("--days and --from cannot be combined");
    }
    const [from, to] = [dayOf("--from", values.from), dayOf("--to", values.to)];
    if (from !== null && to !== null && from > to) {
      throw new Error(`--from "${from}" is after --to "${to}"`);
    }
    return {
      days: wholeNumber("--days", values.days ?? "30", 1, mostDays),
      from,
      to,
      organization: textOf("--organization", values.organization),
      url: urlOf(values.url),
      json: values.json,
      html: textOf("--html", values.html),
    };
  });
}

function dayOf(name: string, text: string | undefined): string | null {
  if (text === undefined) return null;
  if (!isDay(text)) throw new Error(`${name} "${text}" is not a day as YYYY-MM-DD`);
  if (text < firstDay) throw new Error(`${name} "${text}" is before ${firstDay}`);
  return text;
}

function textOf(name: string, text: string | undefined): string | null {
  if (text === "") throw new Error(`${name} has no value`);
  return text ?? null;
}

function urlOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (/^https?:/.test(text) && URL.canParse(text)) return text.replace(/\/+$/, "");
  throw new Error(`--url "${text}" is not an address that begins with http`);
}
