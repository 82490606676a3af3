import { runCommand } from "../run-command.ts";
import { NotHere } from "./not-here.ts";

const binaryFolder = "/usr/lib/postgresql/15/bin";
const extensionFolder = "/usr/share/postgresql/15/extension";
const extensions = ["pg_cron", "pgtap", "plpgsql_check"];
const packages = [
  "postgresql-15",
  "postgresql-15-cron",
  "postgresql-15-pgtap",
  "postgresql-15-plpgsql-check",
  // Not Postgres, but wanted by the same tests on the same machine.
  "redis-server",
];

/** Debian makes and starts a cluster of its own for a new Postgres, unless this says otherwise. */
const noMainCluster = "/etc/postgresql-common/createcluster.d/agentbase-tests.conf";

/**
 * The folder with the programs of Debian's Postgres 15, with pg_cron, pgTAP and plpgsql_check beside
 * it, and Redis for the tests of limits and caches; installed here when this is root on Debian. Debian's own clusters are left alone.
 *
 * Throws `NotHere` when they are missing and cannot be installed.
 */
export async function findDebianPostgres(signal: AbortSignal): Promise<string> {
  if (await isComplete()) return binaryFolder;
  if (Deno.build.os !== "linux" || !await exists("/etc/debian_version")) {
    throw new NotHere(`Postgres 15 with ${extensions.join(", ")}: it needs Debian 12`);
  }
  if (Deno.uid() !== 0) {
    throw new NotHere(
      `Postgres 15 with ${extensions.join(", ")}: it is not installed and this is not root. ` +
        `As root: apt-get install ${packages.join(" ")}`,
    );
  }
  await install(signal);
  if (await isComplete()) return binaryFolder;
  throw new NotHere(
    "Postgres 15: its packages are installed, but their files are not where expected",
  );
}

async function isComplete(): Promise<boolean> {
  const files = [
    `${binaryFolder}/postgres`,
    "/usr/bin/redis-server",
    ...extensions.map((name) => `${extensionFolder}/${name}.control`),
  ];
  return (await Promise.all(files.map(exists))).every(Boolean);
}

async function install(signal: AbortSignal): Promise<void> {
  console.log(`  installing ${packages.join(", ")} …`);
  await Deno.mkdir("/etc/postgresql-common/createcluster.d", { recursive: true });
  await Deno.writeTextFile(noMainCluster, "create_main_cluster = false\n");
  try {
    const commands: [string, ...string[]][] = [
      ["apt-get", "update", "--quiet"],
      ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", ...packages],
    ];
    for (const command of commands) {
      const env = { DEBIAN_FRONTEND: "noninteractive" };
      const { code, output } = await runCommand(command, { env, signal });
      if (code !== 0) {
        const reason = output.split("\n").slice(-3).join("; ");
        throw new NotHere(`Postgres 15: "${command.slice(0, 2).join(" ")}" failed: ${reason}`);
      }
    }
  } finally {
    await Deno.remove(noMainCluster);
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
