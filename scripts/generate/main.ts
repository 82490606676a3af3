import { join } from "node:path";
import { pathInProject } from "../common/path-in-project.ts";
import { generatedFiles } from "./generated-files.ts";
import { createDatabases } from "../test/database/databases.ts";
import { describeError } from "../test/tally.ts";
import { openWorkspace } from "../common/workspace.ts";

/**
 * `npm run generate`: writes every file that is made from the database, from migrations applied to
 * an empty one. `npm test` fails while one of them is out of date.
 */
const root = pathInProject(".");
const workspace = await openWorkspace();
try {
  const database = await createDatabases(root, workspace).migrated("17");
  for (const { path, text } of await generatedFiles(root, database, workspace.signal)) {
    await Deno.writeTextFile(join(root, path), text);
    console.log(`wrote ${path}`);
  }
} catch (error) {
  console.error(describeError(error));
  Deno.exitCode = 1;
} finally {
  await workspace.close();
}
