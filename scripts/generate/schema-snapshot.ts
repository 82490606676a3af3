import { z } from "zod";
import type { Sql } from "postgres";

const query = new URL("./schema-snapshot.sql", import.meta.url);

const rows = z.array(
  z.object({ section: z.string(), name: z.string(), statement: z.string() }),
);

const header =
  `-- The current state of the schemas public and private, to be read and compared, not run.
-- Written by \`npm run generate\` from a database with all migrations. Do not edit.
`;

/**
 * The state of our schemas as readable SQL: tables with their constraints, policies, grants, indexes
 * and triggers, views, functions and publications. Read from the catalogue, since the embedded
 * Postgres has no pg_dump, and equal on every version but for the way a view's query is printed.
 *
 * @param viewQueries Whether to print the queries of views. @default true
 */
export async function schemaSnapshot(sql: Sql, viewQueries = true): Promise<string> {
  const text = await Deno.readTextFile(query);
  const statements = await sql.begin(async (transaction) => {
    await transaction`set local search_path = ''`;
    return rows.parse(await transaction.unsafe(text));
  });
  const parts = [header];
  let section = "";
  let name = "";
  for (const statement of statements) {
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
