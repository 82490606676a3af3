import { type Finding, withoutSecrets } from "./finding.ts";
import { checkDatabase } from "./checks/database.ts";
import { checkJobs } from "./checks/jobs.ts";
import { checkMigrations } from "./checks/migrations.ts";
import { checkDataApi, checkRedis } from "./checks/services.ts";
import { checkSettings } from "./checks/settings.ts";

/**
 * Checks everything, in the order in which it depends on each other.
 *
 * @param variables Those of the functions, and DB_URL.
 * @param stackFolder Where a local stack keeps what it remembers.
 * @returns At least one finding of each check that could be made; no secret is in them.
 */
export async function examine(
  variables: Record<string, string>,
  stackFolder: string,
): Promise<Finding[]> {
  const { env, findings } = checkSettings(variables);
  if (env !== null) {
    if (env.direct !== null) {
      const database = await checkDatabase(env.direct);
      findings.push(...database.findings);
      if (database.connection) {
        findings.push(...await checkJobs(database.connection).catch(notReported));
        await database.connection.end();
      }
    }
    findings.push(...await checkDataApi(env), ...await checkRedis(env));
  }
  findings.push(...await checkMigrations(variables.DB_URL, stackFolder));
  return withoutSecrets(findings, variables);
}

/** The right to ask is missing, or the function, which the check of the database has said. */
function notReported(): Finding[] {
  return [{
    check: "jobs",
    status: "warning",
    message: "The jobs were not checked: the database does not return its health report.",
  }];
}
