import { z } from "zod";
import type { Connection } from "../../../../functions/_shared/database/direct/connection.ts";
import { type Finding, findingsOf } from "../finding.ts";

const { ok, warning, error } = findingsOf("jobs");

const namesSchema = z.array(z.string()).catch([]);
const reportSchema = z.object({
  problems: z.array(z.string()),
  jobs: z.object({ late: namesSchema, failing: namesSchema, failing_items: namesSchema }),
  has_cron: z.boolean(),
});

const repair = 'run "select private.repair_platform_hooks()" as postgres.';

/** What to do about the problems that `health_report()` names, except those of jobs. */
const remedies: Record<string, string> = {
  credentials_refused:
    'A vendor refuses the platform\'s credential, which is invalid or out of credit: see "upstreams" of GET /health.',
  upstreams_unhealthy: 'An agent of the platform does not answer: see "upstreams" of GET /health.',
  turns_unsettled: 'Turns are not settled: check that the job "sweep-turns" runs.',
  partitions_missing: "No partition is prepared for next month: check that the jobs run.",
  jobs_behind: "Jobs do not keep up with the work: see the view job_status.",
  function_call_failed: "The database cannot call the functions: check the secrets in Vault.",
  auth_triggers_missing: `Triggers of auth.users are missing: ${repair}`,
  realtime_tables_missing: `Tables are missing from the publication: ${repair}`,
  realtime_channels_closed: `The policy of private channels is missing: ${repair}`,
  recordings_closed: `The bucket of recordings or its policies are missing: ${repair}`,
  platform_settings_missing: `Settings of roles are missing: ${repair}`,
  accounts_unopened: `Accounts have no profile or personal organization: ${repair}`,
};

/** Checks the scheduled jobs, and what the database reports of itself. */
export async function checkJobs(connection: Connection): Promise<Finding[]> {
  const { rows } = await connection.run(
    `select public.health_report() || jsonb_build_object(
      'has_cron', exists (select from pg_extension where extname = 'pg_cron'))`,
    [],
  );
  const report = reportSchema.safeParse(rows[0]?.[0]);
  if (!report.success) {
    return [error("The health report is that of another version. Apply the migrations.")];
  }
  const { problems, jobs: { late, failing, failing_items: items }, has_cron } = report.data;
  const findings = [
    ...late.length > 0 ? [error(lateJobs(late, has_cron))] : [],
    ...[...failing, ...items].length > 0
      ? [error(
        `Jobs keep failing: ${
          [...new Set([...failing, ...items])].join(", ")
        }. See last_error in job_status.`,
      )]
      : [],
    ...problems.flatMap((problem) => remedies[problem] ? [warning(remedies[problem])] : []),
  ];
  return findings.length > 0 ? findings : [ok("Every job runs on time.")];
}

function lateJobs(late: readonly string[], hasCron: boolean): string {
  const cause = hasCron
    ? "Check that pg_cron runs in this database (cron.database_name, cron.job_run_details)"
    : 'Enable pg_cron and run "select private.schedule_jobs()" as postgres';
  return `Jobs are late: ${late.join(", ")}. ${cause}.`;
}
