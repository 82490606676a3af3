/** `npm run bench:partitions`: measures tables cut into months, for docs/decisions/partitions.md. */
import { help, readArguments } from "../../common/arguments.ts";
import { runBench } from "../common/run-bench.ts";
import { benchPartitions } from "./bench.ts";

const usage =
  `Measures tables that grow with time, as they are and cut into months, in half a minute.

npm run bench:partitions -- [options]
  --help  this text

The table in docs/decisions/partitions.md comes from here.`;

await runBench(() => {
  if (readArguments("bench:partitions", Deno.args, { help }, ({ help }) => help)) {
    console.log(usage);
    return null;
  }
  return { section: null, run: (workspace) => benchPartitions(workspace, console.log) };
});
