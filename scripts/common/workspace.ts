import { join } from "node:path";

/** The resources of one run: a temporary folder, and actions to undo. */
export interface Workspace {
  /** Aborted when the run is interrupted; every subprocess is started with it. */
  signal: AbortSignal;
  /** Makes a folder of this run's own. Other system users may enter it: Postgres refuses root. */
  folder(name: string): Promise<string>;
  /** Registers an action for the end; the last one registered runs first. */
  defer(undo: () => Promise<void>): void;
  /** Stops subprocesses, undoes what was registered and removes the folder. Safe to call twice. */
  close(): Promise<void>;
}

/** Creates the workspace of one run. */
export async function openWorkspace(): Promise<Workspace> {
  const root = await Deno.makeTempDir({ prefix: "agentbase-test-" });
  await Deno.chmod(root, 0o755);
  const abort = new AbortController();
  const undoings: (() => Promise<void>)[] = [];
  let closing: Promise<void> | undefined;

  async function undoAll(): Promise<void> {
    abort.abort();
    for (const undo of undoings.reverse()) {
      // A failure must not keep the remaining actions from running.
      await undo().catch((error) => console.error(`Cannot clean up: ${error}`));
    }
    await Deno.remove(root, { recursive: true });
  }

  return {
    signal: abort.signal,
    async folder(name) {
      const path = join(root, name);
      await Deno.mkdir(path, { recursive: true });
      return path;
    },
    defer: (undo) => void undoings.push(undo),
    close: () => closing ??= undoAll(),
  };
}

/**
 * Runs a function in a new workspace, which is closed in any case. Ctrl-C and SIGTERM close
 * it and end the process with code 130.
 */
export async function inWorkspace<Result>(
  run: (workspace: Workspace) => Promise<Result>,
): Promise<Result> {
  const workspace = await openWorkspace();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void workspace.close().finally(() => Deno.exit(130)));
  }
  try {
    return await run(workspace);
  } finally {
    await workspace.close();
  }
}
