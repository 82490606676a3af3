import { pathInProject } from "../../../common/path-in-project.ts";
import { readMigrationState } from "../../../stack/postgres/migration-state.ts";
import { type Finding, findingsOf } from "../finding.ts";

const { ok, warning, error } = findingsOf("migrations");

/**
 * Compares the migrations with the history of the database.
 *
 * @param databaseUrl Connection string of a role that may read the history; absent to skip the
 * comparison.
 * @param stackFolder Where a stack records the files that it applied.
 */
export async function checkMigrations(
  databaseUrl: string | undefined,
  stackFolder: string,
): Promise<Finding[]> {
  if (!databaseUrl) {
    return [warning("The history of migrations was not compared. Set DB_URL to compare it.")];
  }
  try {
    const { pending, changed, missing } = await readMigrationState(
      databaseUrl,
      pathInProject("migrations"),
      stackFolder,
    );
    const findings = [
      ...pending.length > 0
        ? [
          error(
            `Migrations are not applied (${pending.length}), first "${pending[0]}". Apply them.`,
          ),
        ]
        : [],
      ...missing.length > 0
        ? [
          error(
            `Migration ${
              missing[0]
            } was applied and does not exist in this version. Update the repository.`,
          ),
        ]
        : [],
      ...changed.length > 0
        ? [error(`Migrations changed since they were applied, first "${changed[0]}".`)]
        : [],
    ];
    return findings.length > 0 ? findings : [ok("All migrations are applied.")];
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    return [error(`The history cannot be read (${reason}). Check DB_URL.`)];
  }
}
