import { createClient, type PostgrestError } from "@supabase/supabase-js";
import { CommandError } from "../../common/command-error.ts";
import type { UsageOptions } from "./options.ts";
import { reportSchema, type UsageReport } from "./report.ts";
import type { UsageSource } from "./source.ts";

/**
 * Asks the database for everything that a report shows, in one statement and so of one snapshot.
 *
 * @throws {CommandError} when it cannot be asked, or refuses.
 */
export async function readUsage(
  source: UsageSource,
  { from, to, days, organization }: UsageOptions,
): Promise<UsageReport> {
  const client = createClient(source.url, source.secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const { data, error } = await client.rpc("get_usage_report", {
    from_date: from,
    to_date: to,
    organization,
    days,
  });
  if (error !== null) throw failure(error);
  return reportSchema.parse(data);
}

function failure({ code, message, hint }: PostgrestError): CommandError {
  // A business error is a sentence for a person; anything else needs one around it.
  if (/^PT\d{3}$/.test(code)) return new CommandError(hint ? `${message} ${hint}` : message);
  return new CommandError(
    `Cannot read the figures: ${message}. Check that the project answers, that SECRET_KEY is its secret key and that its migrations are applied.`,
  );
}
