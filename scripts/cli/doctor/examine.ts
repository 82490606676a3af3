import { type Finding, withoutSecrets } from "./finding.ts";
import { checkDatabase } from "./checks/database.ts";
import { checkJobs } from "./checks/jobs.ts";
import { checkMigrations } from "./checks/migrations.ts";
import { checkDataApi, checkRedis } from "./checks/services.ts";
import { checkSettings } from "./checks/settings.ts";

/**
 * Runs all checks in the order of their dependencies.
 *
 * @param variables Those of the functions, and DB_URL.
 * @param stackFolder The folder of a local stack.
 * @returns At least one finding for each check that could run; none contains a secret.
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

/**
 * The role may not call the report, or it is missing: the check of the database has reported that.
 */
function notReported(): Finding[] {
  return [{
    check: "jobs",
    status: "warning",
    message: "The jobs were not checked: the database does not return its health report.",
  }];
}
