import { pathInProject } from "../../common/path-in-project.ts";
import { runCommand } from "../../common/run-command.ts";
import { toolPath } from "../../common/tool-path.ts";

/**
 * `npm run format`: rewrites every source file in the form that `npm test` asks for.
 */
const root = pathInProject(".");
const result = await runCommand([toolPath(root, "deno"), "fmt", ...Deno.args], { cwd: root });
console.log(result.output);
Deno.exit(result.code);
