import { pathInProject } from "../common/path-in-project.ts";
import { createDatabases } from "./database/databases.ts";
import type { Layer, LayerContext } from "./layer.ts";
import { databaseLayer } from "./layers/database.ts";
import { generatedLayer } from "./layers/generated.ts";
import { browserLayer } from "./layers/browser.ts";
import { denoLayer } from "./layers/deno.ts";
import { endToEndLayer } from "./layers/end-to-end.ts";
import { formatLayer } from "./layers/format.ts";
import { jobsLayer } from "./layers/jobs.ts";
import { codingAgentsLayer, n8nLayer } from "./layers/kept-programs.ts";
import { ormLayer } from "./layers/orm.ts";
import { restoreLayer } from "./layers/restore.ts";
import { parseTestOptions, type TestOptions } from "./options.ts";
import { layerReport, summary } from "./report.ts";
import { NotAvailable } from "./support/not-available.ts";
import { createResults, describeError, type Results } from "./results.ts";
import { runMain } from "../common/run-main.ts";
import { inWorkspace, type Workspace } from "../common/workspace.ts";

/**
 * `npm test`: runs every layer of the tests and ends with the line `N passed, N failed`.
 * The exit code is 1 when anything failed, 2 for invalid arguments.
 *
 * The layers of a lane run one after the other, the lanes side by side: most layers wait for a
 * database or for the clock more than they work.
 */
const lanes: readonly (readonly Layer[])[] = [
  [
    formatLayer,
    databaseLayer("17", "embedded Postgres 17: migrations, advisors, pgTAP"),
    databaseLayer("15", "Debian's Postgres 15: migrations, advisors, lint, pg_cron, pgTAP"),
    ormLayer,
    restoreLayer,
    generatedLayer,
    denoLayer(
      "scripts",
      ["scripts"],
      "the scripts: commands, local stack, benchmarks on little data",
    ),
  ],
  [
    denoLayer(
      "functions",
      ["tests/functions", "widget"],
      "the edge functions and the widget, each on its own",
    ),
    endToEndLayer,
  ],
  // The jobs only wait for the minute to change.
  [jobsLayer, codingAgentsLayer, n8nLayer, browserLayer],
];
const layers = lanes.flat();

const root = pathInProject(".");

const help = [
  "Runs the tests. Exits with 1 if anything failed, with 2 if the arguments are invalid.",
  "",
  "npm test -- [options]",
  "  --only <layer>   run this layer only; `database` stands for both versions. May be repeated,",
  "                   and take several with commas between them",
  "  --match <text>   of the pgTAP files, run those whose path contains the text",
  "  --hosts <number> of the end-to-end tests: hosts of functions behind a balancer, which call",
  "                   Postgres through PgBouncer (1: the stack's own, without both)",
  "  --help           this text",
  "",
  "Layers:",
  ...layers.map((layer) => `  ${layer.name.padEnd(14)} ${layer.covers}`),
  "",
  "A layer that needs what this machine lacks and cannot install is reported as not run.",
].join("\n");

await runMain({
  help,
  parse: (args) => parseTestOptions(args, layers.map((layer) => layer.name)),
  run: test,
});

/** Runs what was asked for, and returns the exit code. */
async function test(options: TestOptions): Promise<number> {
  const started = performance.now();
  const allResults = await inWorkspace((workspace) => runLayers(options, workspace));
  console.log(summary(allResults, performance.now() - started));
  return allResults.some((results) => results.failures.length > 0) ? 1 : 0;
}

async function runLayers(options: TestOptions, workspace: Workspace): Promise<Results[]> {
  const context = { root, workspace, options, databases: createDatabases(root, workspace) };
  const isWanted = ({ name }: Layer) => options.only.length === 0 || options.only.includes(name);
  const results = await Promise.all(
    lanes.map((lane) => runLane(lane.filter(isWanted), context)),
  );
  return results.flat();
}

/** Runs layers one after the other, and prints the report of each when it ends. */
async function runLane(
  lane: readonly Layer[],
  context: Omit<LayerContext, "results">,
): Promise<Results[]> {
  const allResults: Results[] = [];
  for (const layer of lane) {
    const { results, milliseconds } = await runLayer(layer, context);
    allResults.push(results);
    console.log(layerReport(layer, results, milliseconds));
  }
  return allResults;
}

/** Runs a layer and never throws. */
async function runLayer(
  layer: Layer,
  context: Omit<LayerContext, "results">,
): Promise<{ results: Results; milliseconds: number }> {
  const results = createResults();
  const started = performance.now();
  await layer.run({ ...context, results }).catch((error) => {
    if (error instanceof NotAvailable) results.notRun.push(`${layer.name}: ${error.message}`);
    else {results.failures.push({
        name: `${layer.name} did not finish`,
        detail: describeError(error),
      });}
  });
  return { results, milliseconds: performance.now() - started };
}
