import type { Sql } from "postgres";
import { z } from "zod";

const mutantRows = z.array(z.object({
  kind: z.string(),
  relation: z.string(),
  object: z.string(),
  statement: z.string(),
}));

/** A change of the schema that a test must notice: something missing, or a privilege too many. */
export interface Mutant {
  /** What it is, such as "policy". */
  kind: string;
  /** The table, view or function that it belongs to, without its schema. */
  relation: string;
  /** Its own name. */
  object: string;
  /** The SQL that makes the database lack it. */
  statement: string;
  /** How the report and `--only` name it. */
  name: string;
}

const query = new URL("./mutants.sql", import.meta.url);

/** Every mutant of the schemas `public` and `private`, as the catalogue has it, sorted by relation. */
export async function listMutants(sql: Sql): Promise<Mutant[]> {
  const rows = mutantRows.parse(await sql.unsafe(await Deno.readTextFile(query)));
  return rows.map((row) => ({ ...row, name: `${row.kind} ${row.object} (${row.relation})` }));
}
