import { join } from "node:path";
import postgres from "postgres";
import { generatedFiles, outdatedFiles } from "../../generate/generated-files.ts";
import { printSchema, readSchema } from "../../generate/schema-snapshot.ts";
import { differences } from "../support/differences.ts";
import type { Databases, Version } from "../database/databases.ts";
import { NotAvailable } from "../support/not-available.ts";
import type { Layer } from "../layer.ts";
import { describeError, record, type Results } from "../results.ts";

/** Files that `npm run generate` writes are as they must be for the migrations of today. */
export const generatedLayer: Layer = {
  name: "generated",
  covers: "database types, data dictionary, schema snapshot and lists of measures are up to date",
  async run({ root, workspace, results, databases }) {
    const database = await databases.migrated("17");
    const files = await generatedFiles(root, database, workspace.signal);
    for (const { path, text } of files) {
      const found = await Deno.readTextFile(join(root, path)).catch(() => "");
      const problems = found === text ? [] : [
        "It is out of date. Run: npm run generate",
        ...differences(found, text),
      ];
      record(results, path, problems);
    }
    for (const path of await outdatedFiles(root, files)) {
      record(results, path, ["No generator writes it any more. Run: npm run generate"]);
    }
    await compareVersions(results, databases);
  },
};

async function compareVersions(results: Results, databases: Databases): Promise<void> {
  const name = "the schema is the same on both versions of Postgres";
  try {
    const oldest = await snapshot(databases, "15");
    const lines = differences(oldest, await snapshot(databases, "17"));
    record(results, name, lines.length === 0 ? [] : ["- on 15, + on 17", ...lines]);
  } catch (error) {
    // The layer of that version says why.
    if (error instanceof NotAvailable) results.notes.push(`not compared: ${name}`);
    else record(results, name, [describeError(error)]);
  }
}

/** The state of the schema, without what each version prints in its own way. */
async function snapshot(databases: Databases, version: Version): Promise<string> {
  const { url } = await databases.migrated(version);
  const sql = postgres(url, { max: 1 });
  try {
    return printSchema(await readSchema(sql), false);
  } finally {
    await sql.end();
  }
}
