/** `npm run bench:realtime`: measures what subscribers of the local Realtime receive, and when. */
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { circumstances, runBench } from "../common/run-bench.ts";
import { benchRealtime } from "./bench.ts";
import { realtimeMarkdown, shortcomings } from "./markdown.ts";
import { parseRealtimeBenchOptions, realtimeBenchHelp } from "./options.ts";

await runMain({
  help: realtimeBenchHelp,
  parse: parseRealtimeBenchOptions,
  run: async (options) => {
    let short: string[] = [];
    await runBench({
      section: options.write ? "realtime" : null,
      run: async (workspace) => {
        const conditions = circumstances();
        const measured = await benchRealtime(options, workspace, console.log);
        short = shortcomings(measured);
        return realtimeMarkdown(conditions, options, measured);
      },
    });
    if (short.length > 0) {
      throw new CommandError(`Realtime missed its targets:\n${short.join("\n")}`);
    }
  },
});
