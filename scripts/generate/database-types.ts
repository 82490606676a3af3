import { runCommand } from "../common/run-command.ts";
import { supabase } from "../test/database/supabase-cli.ts";
import { toolPath } from "../common/tool-path.ts";

const header = `// The types of the schema public, as supabase-js wants them.
// Written by \`npm run generate\` with \`supabase gen types\`. Do not edit.

`;

/** The TypeScript types of the schema public, formatted. */
export async function databaseTypes(
  root: string,
  url: string,
  signal: AbortSignal,
): Promise<string> {
  const args = ["gen", "types", "--lang", "typescript", "--schema", "public", "--remote", url];
  const input = header + await supabase(root, args, { signal });
  const format: [string, ...string[]] = [toolPath(root, "deno"), "fmt", "--ext", "ts", "-"];
  const { code, stdout, stderr } = await runCommand(format, { cwd: root, input, signal });
  if (code !== 0) throw new Error(`Cannot format the database types: ${stderr}`);
  return stdout;
}
