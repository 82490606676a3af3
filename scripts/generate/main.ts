/** `npm run generate`: writes every file that is derived from the database. */
import { dirname, join } from "node:path";
import { noArguments } from "../common/arguments.ts";
import { pathInProject } from "../common/path-in-project.ts";
import { runMain } from "../common/run-main.ts";
import { inWorkspace, type Workspace } from "../common/workspace.ts";
import { createDatabases } from "../test/database/databases.ts";
import { generatedFiles, outdatedFiles } from "./generated-files.ts";
import { expandOccupiedNames } from "./occupied-names.ts";
import { expandMeasures } from "./usage-measures.ts";

const help =
  `Regenerates derived files: the lists of usage measures and of occupied names in the migrations,
and from the migrations applied to an empty database the types, references, data dictionary and
schema snapshot. "npm test" fails while one of them is out of date.

npm run generate
  --help  this text`;

await runMain({ help, parse: noArguments("generate"), run: () => inWorkspace(generate) });

async function generate(workspace: Workspace): Promise<void> {
  const root = pathInProject(".");
  // Before the migrations run: without these lists they would fail or lack a measure.
  for (const expand of [expandMeasures, expandOccupiedNames]) {
    for (const { path, text } of await expand(root)) {
      await Deno.writeTextFile(join(root, path), text);
    }
  }
  const database = await createDatabases(root, workspace).migrated("17");
  const files = await generatedFiles(root, database, workspace.signal);
  for (const { path, text } of files) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
    console.log(`wrote ${path}`);
  }
  for (const path of await outdatedFiles(root, files)) {
    await Deno.remove(join(root, path));
    console.log(`removed ${path}`);
  }
}
