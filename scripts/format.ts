import { runCommand } from "./testing/run-command.ts";
import { toolPath } from "./testing/tool-path.ts";

/**
 * `npm run format`: rewrites every source file in the form that `npm test` asks for.
 */
const root = new URL("..", import.meta.url).pathname;
const result = await runCommand([toolPath(root, "deno"), "fmt", ...Deno.args], { cwd: root });
console.log(result.output);
Deno.exit(result.code);
