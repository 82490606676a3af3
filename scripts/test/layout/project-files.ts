import { relative } from "node:path";
import { runCommand } from "../../common/run-command.ts";
import { walkFiles } from "./walk-files.ts";

/** What a run or an installation leaves in the folder; git ignores the same. */
const notOurs = /^(?:\.git|\.stack|node_modules|supabase\/\.temp|supabase\/\.branches)\//;

/** The files that belong to the project, relative to its folder. */
export async function projectFiles(root: string): Promise<string[]> {
  const command: [string, ...string[]] = ["git", "ls-files", "-co", "--exclude-standard"];
  const listing = await runCommand(command, { cwd: root }).catch(() => null);
  // Without git, or if git refuses a folder of another user, all files are listed.
  const files = listing?.code === 0
    ? listing.stdout.split("\n").filter((file) => file !== "")
    : (await walkFiles(root)).map((file) => relative(root, file));
  return files.filter((file) => !notOurs.test(file));
}
