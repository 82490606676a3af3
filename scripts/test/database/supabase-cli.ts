import { runCommand } from "../../common/run-command.ts";
import { toolPath } from "../../common/tool-path.ts";
import type { Workspace } from "../../common/workspace.ts";

/**
 * Runs a command of the Supabase CLI on the project and returns what it wrote to standard output.
 * Throws with everything it said when it fails; `mayFail` returns its output instead.
 */
export async function supabase(
  root: string,
  args: readonly string[],
  workspace: Pick<Workspace, "signal">,
  mayFail = false,
): Promise<string> {
  const { code, stdout, output } = await runCommand(
    [toolPath(root, "supabase"), ...args, "--yes", "--agent", "no"],
    {
      cwd: root,
      // No prompts, and no telemetry.
      // Without the mode it warns, on standard output, that a database of the tests has no TLS.
      env: { SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", PGSSLMODE: "disable" },
      signal: workspace.signal,
    },
  );
  if (code !== 0 && !mayFail) {
    throw new Error(
      `Cannot run "supabase ${args.slice(0, 2).join(" ")}": exit code ${code}\n${output}`,
    );
  }
  return stdout;
}
