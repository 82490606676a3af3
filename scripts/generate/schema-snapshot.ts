import { basename } from "node:path";
import { z } from "zod";
import type { Sql } from "postgres";
import type { MigrationFile } from "../test/layout/migration-files.ts";

const query = new URL("./schema-snapshot.sql", import.meta.url);

const statements = z.array(
  z.object({ section: z.string(), name: z.string(), statement: z.string() }),
);

/** A statement of the schema; `name` is the table, view or function that it says something of. */
export type SchemaStatement = z.infer<typeof statements>[number];

const header = `-- The current state of what {migration} creates, to be read and compared, not run.
-- Written by \`npm run generate\` from a database with all migrations. Do not edit.
`;

/**
 * Objects that no migration creates by name: schemas, publications, triggers on the platform's
 * tables.
 */
const REST = "platform";
const CREATION =
  /^ *create (?:or replace )?(?:table|view|function|procedure|type|domain) (?:if not exists )?([a-z_]+\.[a-z_0-9]+)/gm;

/**
 * The state of our schemas as readable SQL: tables with their constraints, policies, grants,
 * indexes and triggers, views, functions and publications. Read from the catalogue, since the
 * embedded Postgres has no pg_dump, and equal on every version except for the text of views'
 * queries.
 */
export async function readSchema(sql: Sql): Promise<SchemaStatement[]> {
  const text = await Deno.readTextFile(query);
  return await sql.begin(async (transaction) => {
    await transaction`set local search_path = ''`;
    return statements.parse(await transaction.unsafe(text));
  });
}

/**
 * The schema as one text.
 *
 * @param viewQueries Whether to print the queries of views. @default true
 */
export function printSchema(schema: readonly SchemaStatement[], viewQueries = true): string {
  const parts: string[] = [];
  let section = "";
  let name = "";
  for (const statement of schema) {
    if (statement.section !== section) {
      parts.push(`\n-- ${statement.section} ${"-".repeat(95 - statement.section.length)}\n`);
    }
    if (statement.section !== section || statement.name !== name) parts.push("\n");
    const [firstLine] = statement.statement.split("\n");
    const isView = firstLine?.startsWith("create view ") ?? false;
    parts.push(`${isView && !viewQueries ? firstLine : statement.statement.trimEnd()}\n`);
    ({ section, name } = statement);
  }
  return parts.join("");
}

/**
 * The schema as a file for each migration that creates something, named as the migration; chapters
 * of 0.2 without their day.
 */
export function schemaByChapter(
  schema: readonly SchemaStatement[],
  migrations: readonly Pick<MigrationFile, "path" | "sql">[],
): { path: string; text: string }[] {
  const chapters = new Map<string, string>();
  for (const { path, sql } of migrations) {
    for (const [, name = ""] of sql.matchAll(CREATION)) {
      if (!chapters.has(name)) chapters.set(name, basename(path).replace(/^20260101/, ""));
    }
  }
  const files = Map.groupBy(schema, ({ name }) => {
    const [object = ""] = name.split("(");
    return chapters.get(object) ?? `${REST}.sql`;
  });
  return [...files].map(([file, own]) => ({
    path: `supabase/schema/${file}`,
    text: header.replace("{migration}", file === `${REST}.sql` ? "no single migration" : file) +
      printSchema(own),
  }));
}
