import { deepEqual, equal, match } from "node:assert/strict";
import { pathInProject } from "./path-in-project.ts";
import { runCommand } from "./run-command.ts";

const manifest = JSON.parse(await Deno.readTextFile(pathInProject("package.json")));

/** Every npm script, with what `scripts/run.mjs` is asked for. */
const commands = Object.entries<string>(manifest.scripts).map(([name, line]) => ({
  name,
  command: line.replace(/^.* scripts\/run\.mjs /, ""),
}));

/** What is in a folder, or null for one that does not exist. */
async function contentOf(folder: string): Promise<string[] | null> {
  return await Array.fromAsync(Deno.readDir(folder), ({ name }) => name).catch(() => null);
}

/** Runs an npm script as npm does, on a stack's folder that it must not touch. */
async function run(command: string, ...args: string[]) {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-arguments-" });
  const stackFolder = `${folder}/stack`;
  try {
    const result = await runCommand(["node", pathInProject("scripts/run.mjs"), command, ...args], {
      cwd: folder,
      env: { STACK_DIR: stackFolder, API_PORT: "1", DB_PORT: "1" },
      signal: AbortSignal.timeout(60_000),
    });
    deepEqual(await contentOf(folder), [], `${command} ${args.join(" ")} wrote a file`);
    return result;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const { name, command } of commands) {
  Deno.test(`npm run ${name} prints help and does nothing else`, async () => {
    for (const args of [["--help"], ["-h"], ["--help", "--nonsense"]]) {
      const { code, stdout, stderr } = await run(command, ...args);
      equal(code, 0, stderr);
      equal(stderr, "");
      match(stdout, new RegExp(`^npm (?:run )?${name}\\b`, "m"));
      match(stdout, /^ +--help +this text$/m);
    }
  });

  Deno.test(`npm run ${name} refuses unknown arguments`, async () => {
    for (const args of [["--nonsense"], ["--nonsense=1"], ["nonsense"], ["-x"]]) {
      const { code, stdout, stderr } = await run(command, ...args);
      equal(code, 2, stderr);
      equal(stdout, "");
      match(stderr, /^Cannot read the arguments: .*--help" lists them\.\n$/);
    }
  });
}
