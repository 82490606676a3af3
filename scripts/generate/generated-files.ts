import { join } from "node:path";
import postgres from "postgres";
import { z } from "zod";
import type { MigratedDatabase } from "../test/database/databases.ts";
import { migrationFiles } from "../test/layout/migration-files.ts";
import { accessKeyScopesModule } from "./access-key-scopes.ts";
import { agentConfigurationPage, agentConfigurationSchema } from "./agent-configuration.ts";
import { apiReference } from "./api-reference.ts";
import { dataDictionary } from "./data-dictionary.ts";
import { databaseTypes } from "./database-types.ts";
import { describeSchema } from "./describe-schema.ts";
import { readDomains } from "./domains.ts";
import { errorCodesModule, errorReference, readErrorCodes } from "./error-codes.ts";
import { openApi } from "./openapi.ts";
import { readOperations } from "./read-operations.ts";
import { readSchema, schemaByChapter } from "./schema-snapshot.ts";
import { expandOccupiedNames } from "./occupied-names.ts";
import { expandMeasures } from "./usage-measures.ts";
import { widgetScript, widgetScriptModule } from "./widget-script.ts";

/** A file of the project that is written from the migrated database and the code. */
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
    const functions = await readOperations(root);
    const codes = await readErrorCodes(sql);
    return [
      ...await expandMeasures(root),
      ...await expandOccupiedNames(root),
      {
        path: "functions/_shared/database/database.types.ts",
        text: await databaseTypes(root, database.url, signal),
      },
      {
        path: "docs/data-dictionary.md",
        text: dataDictionary(await describeSchema(sql), await readDomains(root)),
      },
      { path: "functions/_shared/core/error_codes.ts", text: errorCodesModule(codes) },
      {
        path: "functions/_shared/core/access_key_scopes.ts",
        text: await accessKeyScopesModule(sql),
      },
      {
        path: "functions/widget/embed_script.ts",
        text: widgetScriptModule(await widgetScript(root)),
      },
      { path: "docs/errors.md", text: errorReference(codes, functions) },
      { path: "docs/agent-configuration.md", text: await agentConfigurationPage(sql) },
      {
        path: "docs/agent-configuration.schema.json",
        text: await agentConfigurationSchema(sql),
      },
      { path: "docs/api.md", text: apiReference(functions) },
      { path: "docs/openapi.json", text: openApi(functions, await readVersion(root)) },
      ...schemaByChapter(await readSchema(sql), await migrationFiles(root)),
    ];
  } finally {
    await sql.end();
  }
}

async function readVersion(root: string): Promise<string> {
  const text = await Deno.readTextFile(join(root, "package.json"));
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** Files in folders that hold generated ones only, which nothing generates any more. */
export async function outdatedFiles(
  root: string,
  files: readonly GeneratedFile[],
): Promise<string[]> {
  const folder = "supabase/schema";
  const found: string[] = [];
  for await (const { name } of Deno.readDir(join(root, folder))) found.push(`${folder}/${name}`);
  return found.filter((path) => !files.some((file) => file.path === path)).sort();
}
