/** `npm run bench:analytics`: measures the usage analytics on a large ledger, in one run. */
import { runMain } from "../../common/run-main.ts";
import type { Workspace } from "../../common/workspace.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { circumstances, runBench } from "../common/run-bench.ts";
import { benchAnalytics } from "./bench.ts";
import { analyticsMarkdown } from "./markdown.ts";
import {
  analyticsHelp,
  type AnalyticsOptions,
  dataFolder,
  parseAnalyticsOptions,
} from "./options.ts";

await runMain({
  help: analyticsHelp,
  parse: parseAnalyticsOptions,
  run: (options) =>
    runBench({
      section: options.write ? "analytics" : null,
      run: (workspace) => measureAnalytics(options, workspace),
    }),
});

async function measureAnalytics(options: AnalyticsOptions, workspace: Workspace): Promise<string> {
  const folder = dataFolder(options, readSettings(Deno.env.toObject()).folder);
  const report = {
    ...circumstances(),
    rounds: options.rounds,
    sizes: await benchAnalytics(options, folder, workspace, console.log),
  };
  if (options.json !== null) {
    await Deno.writeTextFile(options.json, JSON.stringify(report, null, 2));
  }
  return analyticsMarkdown(report);
}
