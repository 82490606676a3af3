/** `npm run bench:growth`: measures how the cost of questions grows with the data. */
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { circumstances, runBench } from "../common/run-bench.ts";
import { benchGrowth } from "./bench.ts";
import { growthMarkdown, growthOf, tooSteep } from "./markdown.ts";
import { growthHelp, parseGrowthOptions } from "./options.ts";

await runMain({
  help: growthHelp,
  parse: parseGrowthOptions,
  run: async (options) => {
    let steep: string[] = [];
    await runBench({
      section: options.write ? "growth" : null,
      run: async (workspace) => {
        const conditions = circumstances();
        const measured = await benchGrowth(options, workspace, console.log);
        steep = tooSteep(measured).map((question) =>
          `${question.name}: ${growthOf(question).toFixed(1)} times, at most ${question.limit}`
        );
        return growthMarkdown(conditions, options.sizes, measured);
      },
    });
    if (steep.length > 0) {
      throw new CommandError(
        `The cost of these questions grows by more than their limit:\n${steep.join("\n")}`,
      );
    }
  },
});
