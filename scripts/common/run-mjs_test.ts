import { deepEqual, equal, match } from "node:assert/strict";
import { pathInProject } from "./path-in-project.ts";
import { type CommandResult, runCommand } from "./run-command.ts";

/** A fake npm: installs a Deno that prints hello, slowly, and fails if another npm runs. */
const npm = `#!/bin/sh
mkdir installing || { echo "npm runs twice at once"; exit 1; }
echo "$@" >> npm.log
rm -rf node_modules
sleep 1
mkdir -p node_modules/deno
printf '#!/bin/sh\\necho hello\\n' > node_modules/deno/deno
chmod +x node_modules/deno/deno
rmdir installing
`;

/** A project without dependencies, with scripts/run.mjs and a command. */
async function withProject(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "agentbase-install-" });
  try {
    await Deno.mkdir(`${root}/scripts/hello`, { recursive: true });
    await Deno.mkdir(`${root}/bin`);
    await Deno.copyFile(pathInProject("scripts/run.mjs"), `${root}/scripts/run.mjs`);
    await Deno.writeTextFile(`${root}/scripts/hello/main.ts`, "");
    await Deno.writeTextFile(`${root}/package-lock.json`, "{}");
    await Deno.writeTextFile(`${root}/bin/npm`, npm, { mode: 0o755 });
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function hello(root: string): Promise<CommandResult> {
  return runCommand(["node", "scripts/run.mjs", "hello"], {
    cwd: root,
    env: { PATH: `${root}/bin:${Deno.env.get("PATH")}`, npm_execpath: "" },
    signal: AbortSignal.timeout(30_000),
  });
}

const installationsIn = async (root: string) =>
  (await Deno.readTextFile(`${root}/npm.log`)).trim().split("\n").length;

Deno.test("commands that start while dependencies are missing install them once", async () => {
  await withProject(async (root) => {
    const results = await Promise.all(Array.from({ length: 5 }, () => hello(root)));
    for (const { code, stdout, stderr } of results) {
      equal(code, 0, stdout + stderr);
      match(stdout, /hello\n$/);
    }
    equal(await installationsIn(root), 1);
    deepEqual((await hello(root)).stdout, "hello\n");
    equal(await installationsIn(root), 1);
  });
});

Deno.test("the lock of a command that was killed while it installed is taken over", async () => {
  await withProject(async (root) => {
    const killed = new Deno.Command("true").spawn();
    await killed.status;
    await Deno.writeTextFile(`${root}/.installing`, String(killed.pid));
    const results = await Promise.all([hello(root), hello(root)]);
    for (const { code, stdout, stderr } of results) equal(code, 0, stdout + stderr);
    equal(await installationsIn(root), 1);
  });
});

Deno.test("a command that does not exist is refused before anything is installed", async () => {
  await withProject(async (root) => {
    const { code, stderr } = await runCommand(["node", "scripts/run.mjs", "goodbye"], {
      cwd: root,
    });
    equal(code, 1);
    match(stderr, /^Cannot run "goodbye": there is no such command\./);
  });
});
