import { dirname } from "node:path";
import { CommandError } from "../../common/command-error.ts";

/** How to run a program that refuses to be root. */
export interface Account {
  /** The user that owns the files of the program; null: the user of this process. */
  uid: number | null;
  /** Builds the command that runs `program` under this account. */
  command(program: string, args: string[], options?: Deno.CommandOptions): Deno.Command;
}

/** The user "nobody" on Linux; it need not be in any user list. */
const NOBODY = 65534;

/** Position of CAP_DAC_READ_SEARCH in the kernel's capability masks. */
const READ_SEARCH = 2n;

/**
 * The account under which Postgres runs: this one, or for root another user, since Postgres refuses root.
 *
 * Another user cannot enter a clone in `/root` or in a private temporary folder. Where the kernel
 * allows it, the program therefore keeps one capability of root, to enter and read; never to write.
 *
 * @param dataFolder Its owner is kept when it exists, so that data survive a change of user.
 */
export function unprivilegedAccount(dataFolder: string): Account {
  if (Deno.uid() !== 0) {
    return {
      uid: null,
      command: (program, args, options) => new Deno.Command(program, { ...options, args }),
    };
  }
  const uid = ownerOf(dataFolder) || NOBODY;
  if (mayKeepReadSearch()) {
    return {
      uid,
      command: (program, args, options) =>
        new Deno.Command("setpriv", {
          ...options,
          args: [
            `--reuid=${uid}`,
            `--regid=${uid}`,
            "--clear-groups",
            // Without it the kernel drops the capability for access(2), which Postgres asks first.
            "--securebits=+no_setuid_fixup",
            "--inh-caps=-all,+dac_read_search",
            "--ambient-caps=-all,+dac_read_search",
            "--bounding-set=-all,+dac_read_search",
            program,
            ...args,
          ],
        }),
    };
  }
  return {
    uid,
    command: (program, args, options) =>
      new Deno.Command(program, { ...options, args, uid, gid: uid }),
  };
}

/**
 * Proves that the account can run `program` and reach `folder`.
 *
 * @throws {CommandError} naming the folder that stands in the way.
 */
export async function assertReachable(
  account: Account,
  program: string,
  folder: string,
): Promise<void> {
  if (account.uid === null) return;
  for (const [path, test] of [[program, "-x"], [folder, "-d"]] as const) {
    const { success } = await account
      .command("/bin/sh", ["-c", `test ${test} "$1"`, "test", path], {
        cwd: "/",
        stdout: "null",
        stderr: "null",
      })
      .output();
    if (success) continue;
    throw new CommandError(
      `Cannot start Postgres as root: it must run as another user, and user ${account.uid} cannot enter ` +
        `"${
          closedFolder(path)
        }". Run as an ordinary user, move the clone to a folder that everyone may enter, ` +
        `or install setpriv (package util-linux).`,
    );
  }
}

function ownerOf(path: string): number | null {
  try {
    return Deno.statSync(path).uid;
  } catch {
    return null;
  }
}

function mayKeepReadSearch(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    const held = ["CapEff", "CapBnd"].every((name) => {
      const mask = status.match(new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m"))?.[1] ?? "0";
      return ((BigInt(`0x${mask}`) >> READ_SEARCH) & 1n) === 1n;
    });
    if (!held) return false;
    return new Deno.Command("setpriv", { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

/** The outermost folder on the way to `path` that other users may not enter. */
function closedFolder(path: string): string {
  const folders: string[] = [];
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) {
    folders.unshift(folder);
  }
  const closed = folders.find((folder) => ((Deno.statSync(folder).mode ?? 0) & 0o001) === 0);
  return closed ?? path;
}
