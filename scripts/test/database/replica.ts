import { join } from "node:path";
import { freePort } from "../../common/free-port.ts";
import { runCommand } from "../../common/run-command.ts";
import type { Workspace } from "../../common/workspace.ts";
import { startPostgres } from "../../stack/postgres/postgres.ts";
import { unprivilegedAccount } from "../../stack/postgres/unprivileged.ts";

/** A database that follows another and takes no writes. */
export interface Replica {
  /** Connection string of `postgres`. */
  url: string;
}

/** Copies a server and has the copy follow it, until the workspace ends. */
export async function startReplica(
  adminUrl: string,
  binaryFolder: string,
  workspace: Workspace,
): Promise<Replica> {
  const folder = await workspace.folder("replica");
  await Deno.chmod(folder, 0o755);
  const dataFolder = join(folder, "postgres");
  const program = join(binaryFolder, "pg_basebackup");
  const arguments_ = ["-d", adminUrl, "-D", dataFolder, "-R", "-X", "stream", "-c", "fast"];
  const { code, output } = await runCommand([program, ...arguments_]);
  if (code !== 0) throw new Error(`Cannot copy the server: ${output}`);
  const { uid } = unprivilegedAccount(dataFolder);
  if (uid !== null) await runCommand(["chown", "-R", `${uid}:${uid}`, dataFolder]);
  const port = freePort();
  const server = await startPostgres({
    dataFolder,
    port,
    adminPassword: "",
    binaryFolder,
    settings: { hot_standby: "on", shared_preload_libraries: "" },
  });
  workspace.defer(() => server.stop("immediate"));
  return { url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres` };
}
