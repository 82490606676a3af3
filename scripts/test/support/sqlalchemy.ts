import { join } from "node:path";
import { runCommand } from "../../common/run-command.ts";
import { cacheFolder } from "./cache-folder.ts";
import { needPrograms } from "./debian-packages.ts";
import { findProgram } from "./find-program.ts";
import { NotAvailable } from "./not-available.ts";

/** A Python with SQLAlchemy and a driver for Postgres. */
export interface SqlAlchemy {
  python: string;
  /** Folder of packages beside Python's own; none where Debian has them. */
  packages: string | null;
  /** The driver, as the scheme of a connection string names it. */
  driver: "psycopg2" | "psycopg";
}

const debian = {
  name: "SQLAlchemy of Debian",
  packages: ["python3-sqlalchemy", "python3-psycopg2"],
  files: [
    "/usr/bin/python3",
    "/usr/lib/python3/dist-packages/sqlalchemy/__init__.py",
    "/usr/lib/python3/dist-packages/psycopg2/__init__.py",
  ],
};

/** A driver that tells Postgres the type of each value, unlike psycopg2. */
const pypi = ["SQLAlchemy==2.0.54", "psycopg[binary]==3.3.6"];

/** Time that pip may take, in milliseconds. */
const patience = 120_000;

/**
 * Debian's SQLAlchemy, on Debian 12 that is 1.4 with psycopg2.
 *
 * @throws {NotAvailable} when it is missing and cannot be installed.
 */
export async function needDebianSqlAlchemy(signal: AbortSignal): Promise<SqlAlchemy> {
  await needPrograms(debian, signal);
  return { python: "/usr/bin/python3", packages: null, driver: "psycopg2" };
}

/**
 * SQLAlchemy 2 with psycopg, which pip installs into the cache once.
 *
 * @throws {NotAvailable} when it is missing and cannot be installed.
 */
export async function needSqlAlchemy2(signal: AbortSignal): Promise<SqlAlchemy> {
  const python = await findProgram("python3");
  if (python === null) throw new NotAvailable("SQLAlchemy 2: there is no python3");
  // Packages with compiled parts are of one version of Python.
  const program = "import sys; print('python%d.%d' % sys.version_info[:2])";
  const { output: version } = await runCommand([python, "-c", program], { signal });
  const packages = join(cacheFolder(), "agentbase", [version.trim(), ...pypi].join("-"));
  const done = join(packages, "installed");
  const isInstalled = await Deno.stat(done).then(() => true, () => false);
  if (!isInstalled) {
    const options = ["--quiet", "--no-input", "--retries", "0", "--target", packages, "--upgrade"];
    const { code, output } = await runCommand(
      [python, "-m", "pip", "install", ...options, ...pypi],
      {
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      },
    );
    if (code !== 0) {
      const reason = output.split("\n").slice(-2).join("; ");
      throw new NotAvailable(`SQLAlchemy 2: pip cannot install ${pypi.join(", ")}: ${reason}`);
    }
    await Deno.writeTextFile(done, "");
  }
  return { python, packages, driver: "psycopg" };
}
