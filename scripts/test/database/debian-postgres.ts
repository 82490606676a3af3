import { type DebianPrograms, needPrograms } from "../support/debian-packages.ts";

const binaryFolder = "/usr/lib/postgresql/15/bin";
const extensions = ["pg_cron", "pgtap", "plpgsql_check"];

const programs: DebianPrograms = {
  name: `Postgres 15 with ${extensions.join(", ")}`,
  packages: [
    "postgresql-15",
    "postgresql-15-cron",
    "postgresql-15-pgtap",
    "postgresql-15-plpgsql-check",
  ],
  files: [
    `${binaryFolder}/postgres`,
    ...extensions.map((name) => `/usr/share/postgresql/15/extension/${name}.control`),
  ],
  // Debian makes and starts a cluster of its own for a new Postgres, unless this says otherwise.
  whileInstalling: {
    path: "/etc/postgresql-common/createcluster.d/agentbase-tests.conf",
    text: "create_main_cluster = false\n",
  },
};

/** Layers that run side by side must not install it side by side. */
let looking: Promise<string> | null = null;

/**
 * The folder with the programs of Debian's Postgres 15, with pg_cron, pgTAP and plpgsql_check beside
 * it; installed here when this is root on Debian. Debian's own clusters are not touched.
 *
 * Throws `NotAvailable` when they are missing and cannot be installed.
 */
export function findDebianPostgres(signal: AbortSignal): Promise<string> {
  looking ??= needPrograms(programs, signal).then(() => binaryFolder);
  return looking;
}
