import postgres from "postgres";
import type { MigratedDatabase } from "../test/database/databases.ts";
import { dataDictionary } from "./data-dictionary.ts";
import { databaseTypes } from "./database-types.ts";
import { describeSchema } from "./describe-schema.ts";
import { readDomains } from "./domains.ts";
import { schemaSnapshot } from "./schema-snapshot.ts";

/** A file of the project that is written from the migrated database. */
export interface GeneratedFile {
  /** Relative to the folder of the project. */
  path: string;
  text: string;
}

/** Every generated file, as it must be for this database. */
export async function generatedFiles(
  root: string,
  database: Pick<MigratedDatabase, "url">,
  signal: AbortSignal,
): Promise<GeneratedFile[]> {
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  try {
    return [
      {
        path: "functions/_shared/database/database.types.ts",
        text: await databaseTypes(root, database.url, signal),
      },
      {
        path: "docs/data-dictionary.md",
        text: dataDictionary(await describeSchema(sql), await readDomains(root)),
      },
      { path: "supabase/schema.snapshot.sql", text: await schemaSnapshot(sql) },
    ];
  } finally {
    await sql.end();
  }
}
