import { join } from "node:path";
import { CommandError } from "../../common/command-error.ts";
import type { Account } from "./unprivileged.ts";

/** What it takes to make a data folder. */
export interface ClusterOptions {
  /** Folder with `initdb` and `postgres`. */
  binaryFolder: string;
  /** The data folder; made when it does not exist. */
  dataFolder: string;
  /** Who owns the data folder and runs the programs. */
  account: Account;
  /** Password of the superuser `supabase_admin`. */
  adminPassword: string;
  /** What the person is told to run when the data cannot be used. */
  resetHint: string;
  /** Gives up and leaves nothing behind. */
  signal?: AbortSignal;
}

/**
 * Makes the data folder, or checks that the one there is of this Postgres version.
 *
 * The locale follows the hosted platform: ICU, US English, UTF-8.
 *
 * @returns whether the folder is new.
 * @throws {CommandError} when the data are of another version or `initdb` fails.
 */
export async function ensureCluster(options: ClusterOptions): Promise<boolean> {
  const { binaryFolder, dataFolder, account, adminPassword } = options;
  const found = await readVersionFile(dataFolder);
  if (found !== null) {
    const wanted = await majorVersion(account, binaryFolder);
    if (found === wanted) return false;
    throw new CommandError(
      `Cannot use the data in "${dataFolder}": they are of Postgres ${found} and this is Postgres ${wanted}. ` +
        options.resetHint,
    );
  }

  // Made aside and renamed when complete: an interrupted first start leaves no half cluster behind.
  const unfinished = `${dataFolder}.new`;
  await Deno.remove(unfinished, { recursive: true }).catch(ignoreNotFound);
  await Deno.mkdir(unfinished, { mode: 0o700 });
  const passwordFile = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(passwordFile, adminPassword);
    if (account.uid !== null) {
      await Deno.chown(unfinished, account.uid, account.uid);
      await Deno.chown(passwordFile, account.uid, account.uid);
    }
    const { success, stderr } = await account.command(join(binaryFolder, "initdb"), [
      `--pgdata=${unfinished}`,
      "--username=supabase_admin",
      `--pwfile=${passwordFile}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--locale-provider=icu",
      "--icu-locale=en-US",
      "--no-sync",
    ], { cwd: "/", stdout: "null", stderr: "piped", signal: options.signal }).output();
    options.signal?.throwIfAborted();
    if (!success) {
      const reason = new TextDecoder().decode(stderr).trim().split("\n")[0] ?? "";
      const advice = reason.includes("effective user ID")
        ? " Run as a user that this machine knows by name."
        : "";
      throw new CommandError(`Cannot create the database in "${dataFolder}": ${reason}.${advice}`);
    }
    await Deno.rename(unfinished, dataFolder);
  } finally {
    await Deno.remove(passwordFile);
    await Deno.remove(unfinished, { recursive: true }).catch(ignoreNotFound);
  }
  return true;
}

async function readVersionFile(dataFolder: string): Promise<number | null> {
  try {
    return Number.parseInt(await Deno.readTextFile(join(dataFolder, "PG_VERSION")), 10);
  } catch (error) {
    ignoreNotFound(error);
  }
  try {
    for await (const entry of Deno.readDir(dataFolder)) {
      throw new CommandError(
        `Cannot use "${dataFolder}" for the database: it holds "${entry.name}" and no Postgres data. ` +
          `Empty it, or choose another folder with STACK_DIR.`,
      );
    }
  } catch (error) {
    ignoreNotFound(error);
  }
  return null;
}

async function majorVersion(account: Account, binaryFolder: string): Promise<number> {
  const { stdout } = await account.command(join(binaryFolder, "postgres"), ["--version"], {
    cwd: "/",
    stdout: "piped",
    stderr: "null",
  }).output();
  // "postgres (PostgreSQL) 17.10"
  return Number.parseInt(new TextDecoder().decode(stdout).match(/\) (\d+)/)?.[1] ?? "", 10);
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
