/** `npm run bench:partitions`: measures tables cut into months, for docs/decisions/partitions.md. */
import { noArguments } from "../../common/arguments.ts";
import { runMain } from "../../common/run-main.ts";
import { runBench } from "../common/run-bench.ts";
import { benchPartitions } from "./bench.ts";

const help =
  `Measures tables that grow with time, with and without monthly partitions, in half a minute.

npm run bench:partitions
  --help  this text

The table in docs/decisions/partitions.md comes from here.`;

await runMain({
  help,
  parse: noArguments("bench:partitions"),
  run: () =>
    runBench({ section: null, run: (workspace) => benchPartitions(workspace, console.log) }),
});
