import postgres from "postgres";
import { createClient, type PostgrestError } from "@supabase/supabase-js";
import { CommandError } from "../../common/command-error.ts";
import type { UsageOptions } from "./options.ts";
import { reportSchema, type UsageReport } from "./report.ts";
import type { UsageSource } from "./source.ts";

/**
 * Reads everything that a report shows, in one statement and thus from one snapshot.
 *
 * @throws {CommandError} if the database cannot be reached, or refuses.
 */
export async function readUsage(
  source: UsageSource,
  options: UsageOptions,
): Promise<UsageReport> {
  const report = "databaseUrl" in source
    ? await askDatabase(source.databaseUrl, options)
    : await askApi(source, options);
  return reportSchema.parse(report);
}

async function askApi(
  { url, secretKey }: { url: string; secretKey: string },
  { from, to, days, organization }: UsageOptions,
): Promise<unknown> {
  const client = createClient(url, secretKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  });
  const asked = { from_date: from, to_date: to, organization, days };
  const { data, error } = await client.rpc("get_usage_report", asked);
  if (error !== null) throw failure(error);
  return data;
}

/** Reads only, so that a replica can answer. */
async function askDatabase(
  databaseUrl: string,
  { from, to, days, organization }: UsageOptions,
): Promise<unknown> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 });
  try {
    return await sql.begin("read only", async (transaction) => {
      await transaction`set local role service_role`;
      const [row] = await transaction<{ report: unknown }[]>`
        select public.get_usage_report(${from}, ${to}, ${organization}, ${days}) as report`;
      return row?.report;
    });
  } catch (error) {
    if (error instanceof postgres.PostgresError) {
      throw failure({ ...error, message: error.message, hint: error.hint ?? "" });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `Cannot read the figures: ${reason}. Check that READ_DATABASE_URL is the address of the database or of its replica.`,
    );
  } finally {
    await sql.end();
  }
}

function failure(
  { code, message, hint }: Pick<PostgrestError, "code" | "message" | "hint">,
): CommandError {
  // A business error has a message for users; any other error needs an explanation.
  if (/^PT\d{3}$/.test(code)) return new CommandError(hint ? `${message} ${hint}` : message);
  return new CommandError(
    `Cannot read the figures: ${message}. Check that the project answers, that SECRET_KEY is its secret key (or the user of READ_DATABASE_URL a member of service_role) and that its migrations are applied.`,
  );
}
