/** `npm run format`: rewrites every source file in the form that `npm test` asks for. */
import { noArguments } from "../../common/arguments.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import { runCommand } from "../../common/run-command.ts";
import { runMain } from "../../common/run-main.ts";
import { toolPath } from "../../common/tool-path.ts";

const help = `Formats every source file with deno fmt, as "npm test" requires.

npm run format
  --help  this text`;

await runMain({ help, parse: noArguments("format"), run: format });

/** The exit code of `deno fmt`. */
async function format(): Promise<number> {
  const root = pathInProject(".");
  const { code, output } = await runCommand([toolPath(root, "deno"), "fmt"], { cwd: root });
  console.log(output);
  return code;
}
