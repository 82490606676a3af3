/** `npm run bench:import`: measures an import of a generated database. */
import { runMain } from "../../common/run-main.ts";
import { circumstances, runBench } from "../common/run-bench.ts";
import { benchImport } from "./bench.ts";
import { importMarkdown } from "./markdown.ts";
import { benchImportHelp, parseBenchImportOptions } from "./options.ts";

await runMain({
  help: benchImportHelp,
  parse: parseBenchImportOptions,
  run: async (options) => {
    await runBench({
      section: options.write ? "import" : null,
      run: async (workspace) => {
        const conditions = circumstances();
        const figures = await benchImport(options, workspace, console.log);
        return importMarkdown(conditions, options.workers, figures);
      },
    });
  },
});
