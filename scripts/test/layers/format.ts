import type { Layer, LayerContext } from "../layer.ts";
import { type LayoutCheck, layoutChecks } from "../layout/layout-checks.ts";
import { runCommand } from "../../common/run-command.ts";
import { readReleases } from "../../common/released-migrations.ts";
import { attempt, record } from "../results.ts";
import { toolPath } from "../../common/tool-path.ts";

/**
 * Rules about a database in use. The migrations of the first release run on an empty schema: no query
 * holds a lock that they would wait for, none waits for them, and there are no rows to scan. The
 * last one is left out everywhere: this list takes the place of the one in .squawk.toml.
 */
const forUse = [
  "require-lock-timeout",
  "require-statement-timeout",
  "adding-foreign-key-constraint",
  "constraint-missing-not-valid",
  "prefer-bigint-over-int",
];

/** Checks that need the files only. */
export const formatLayer: Layer = {
  name: "format",
  covers: "deno fmt, lint and check; squawk on migrations; layout",
  async run(context) {
    const deno = toolPath(context.root, "deno");
    const squawk = toolPath(context.root, "squawk");
    const folders = ["functions", "scripts", "tests"];
    await Promise.all([
      passes(context, "deno fmt", [deno, "fmt", "--check"]),
      passes(context, "deno lint", [deno, "lint", ...folders, "examples", "widget"]),
      passes(context, "deno check", [deno, "check", "--quiet", ...folders]),
      // Checked separately, with the types of a browser.
      passes(context, "deno check examples", [deno, "check", "--quiet", "examples", "widget"]),
      ...(await migrationFiles(context.root)).map(({ file, isFirst }) =>
        passes(context, `squawk ${file}`, [
          squawk,
          "--reporter",
          "gcc",
          ...isFirst ? ["--exclude", forUse.join(",")] : [],
          file,
        ])
      ),
    ]);
    for (const check of layoutChecks) {
      await attempt(context.results, check.name, () => applyLayoutCheck(check, context));
    }
  },
};

/** @throws {Error} if files violate the check, or pass one that is marked as pending. */
async function applyLayoutCheck(
  { name, find, isPending }: LayoutCheck,
  { root, results }: LayerContext,
): Promise<void> {
  const problems = await find(root);
  if (!isPending) {
    if (problems.length > 0) throw new Error(problems.join("\n"));
  } else if (problems.length === 0) {
    throw new Error("It passes now. Remove isPending from this check");
  } else {
    results.notes.push(`pending: ${name} (${problems.length} to fix)`);
  }
}

async function passes(
  context: LayerContext,
  name: string,
  command: [string, ...string[]],
): Promise<void> {
  const { code, output } = await runCommand(command, {
    cwd: context.root,
    signal: context.workspace.signal,
  });
  record(context.results, name, code === 0 ? [] : [output || `exit code ${code}`]);
}

/**
 * The migrations in their order, and whether each is of the first release or before it; behind them
 * the example of later ones.
 */
async function migrationFiles(root: string): Promise<{ file: string; isFirst: boolean }[]> {
  const [first] = await readReleases(root);
  const isFirst = (name: string) => first === undefined || name in first.migrations;
  const later = "scripts/cli/release/rehearsal";
  return [
    ...(await sqlFiles(root, "migrations")).map((name) => ({
      file: `migrations/${name}`,
      isFirst: isFirst(name),
    })),
    ...(await sqlFiles(root, later)).map((name) => ({ file: `${later}/${name}`, isFirst: false })),
  ];
}

async function sqlFiles(root: string, folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(`${root}/${folder}`)) {
    if (name.endsWith(".sql")) names.push(name);
  }
  return names.sort();
}
