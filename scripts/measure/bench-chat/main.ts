/** `npm run bench:chat`: compares chat with its alternatives, in one run. */
import { join } from "node:path";
import { runMain } from "../../common/run-main.ts";
import type { Workspace } from "../../common/workspace.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { circumstances, runBench } from "../common/run-bench.ts";
import { benchDatabase } from "./database/bench.ts";
import { benchTurnGrowth } from "./database/turn-growth.ts";
import { benchFunction } from "./function/bench.ts";
import { benchGateways } from "./gateways/bench.ts";
import { benchTransports } from "./gateways/transports.ts";
import { type BenchReport, markdown } from "./markdown.ts";
import { benchHelp, type BenchOptions, parseBenchOptions } from "./options.ts";

await runMain({
  help: benchHelp,
  parse: parseBenchOptions,
  run: (options) =>
    runBench({
      section: options.write ? "chat" : null,
      run: (workspace) => measureChat(options, workspace),
    }),
});

async function measureChat(options: BenchOptions, workspace: Workspace): Promise<string> {
  const { folder } = readSettings(Deno.env.toObject());
  const note = console.log;
  const report: BenchReport = {
    ...circumstances(),
    seconds: options.seconds,
    rounds: options.rounds,
    database: null,
    function: null,
    gateways: null,
    transports: null,
    growth: null,
  };
  for (const part of options.parts) {
    note(`\n${part}`);
    if (part === "database") report.database = await benchDatabase(options, workspace, note);
    if (part === "function") report.function = await benchFunction(options, workspace, note);
    if (part === "gateways") {
      const installFolder = join(folder, "bench", "portkey");
      report.gateways = await benchGateways(options, { workspace, installFolder, note });
    }
    if (part === "transports") {
      report.transports = await benchTransports(options, { workspace, note });
    }
    if (part === "growth") report.growth = await benchTurnGrowth(options, { workspace, note });
  }
  return markdown(report);
}
