import { deepEqual, equal } from "node:assert/strict";
import { relative } from "node:path/posix";
import { pathInProject } from "../../scripts/common/path-in-project.ts";
import { runCommand } from "../../scripts/common/run-command.ts";
import { toolPath } from "../../scripts/common/tool-path.ts";
import { type Deployment, startManagementApi } from "./support/management_api.ts";

const root = pathInProject(".");
const importMap = "functions/deno.json";

/** What `supabase functions deploy` uploads for each function. */
async function deploy(): Promise<Deployment[]> {
  const folder = await Deno.makeTempDir({ prefix: "agentbase-deploy-" });
  const api = startManagementApi();
  try {
    const profile = `${folder}/profile.yaml`;
    await Deno.writeTextFile(
      profile,
      `name: loopback\napi_url: ${api.url}\ndashboard_url: ${api.url}\nproject_host: localhost\n`,
    );
    const args = ["functions", "deploy", "--use-api", "--remote=abcdefghijklmnopqrst"];
    const { code, output } = await runCommand(
      [toolPath(root, "supabase"), ...args, "--profile", profile, "--yes", "--agent", "no"],
      {
        cwd: root,
        env: {
          SUPABASE_HOME: folder,
          SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}`,
          SUPABASE_NO_KEYRING: "1",
          SUPABASE_TELEMETRY_DISABLED: "1",
          DO_NOT_TRACK: "1",
        },
      },
    );
    equal(code, 0, output);
    return api.deployments;
  } finally {
    await api.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** The files and packages that a module imports, including itself, as Deno resolves them. */
interface Imports {
  /** Files of the project. */
  files: string[];
  /** Packages, by the names by which they are imported. */
  packages: string[];
}

async function importsOf(entrypoint: string): Promise<Imports> {
  const { code, stdout, stderr } = await runCommand(
    [Deno.execPath(), "info", "--json", entrypoint],
    { cwd: root },
  );
  equal(code, 0, stderr);
  const { modules }: { modules: Module[] } = JSON.parse(stdout);
  const own = modules.filter(({ specifier }) =>
    specifier.startsWith("file:") && !specifier.includes("/node_modules/")
  );
  return {
    files: own.map(({ specifier }) =>
      relative(root, decodeURIComponent(new URL(specifier).pathname))
    ),
    packages: own.flatMap(({ dependencies = [] }) => dependencies)
      .map(({ specifier }) => specifier)
      .filter((specifier) => !/^(?:\.|node:)/.test(specifier)),
  };
}

/** A module as `deno info --json` prints it. */
interface Module {
  specifier: string;
  dependencies?: { specifier: string }[];
}

Deno.test("functions deploy uploads what each function imports, and nothing else", async () => {
  const deployments = await deploy();
  const declared = (await Array.fromAsync(Deno.readDir(`${root}/functions`)))
    .filter(({ isDirectory, name }) => isDirectory && !name.startsWith("_"))
    .map(({ name }) => name);
  deepEqual(deployments.map(({ slug }) => slug).sort(), declared.sort());

  const used = new Set<string>();
  for (const { slug, entrypoint, importMapPath, files } of deployments) {
    equal(entrypoint, `functions/${slug}/index.ts`);
    equal(importMapPath, importMap);
    const expected = await importsOf(entrypoint);
    deepEqual([...files.keys()].sort(), [importMap, ...expected.files].sort(), slug);
    for (const name of expected.packages) used.add(name);
  }
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    deployments[0]?.files.get(importMap) ?? "{}",
  );
  deepEqual(Object.keys(imports).sort(), [...used].sort());
});
