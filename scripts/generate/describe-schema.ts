import type { Sql } from "postgres";
import { z } from "zod";

const query = new URL("./describe-schema.sql", import.meta.url);

const relation = z.object({
  name: z.string(),
  isView: z.boolean(),
  comment: z.string().nullable(),
  columns: z.array(z.object({
    name: z.string(),
    type: z.string(),
    optional: z.boolean(),
    default: z.string().nullable(),
    comment: z.string().nullable(),
    inKey: z.boolean(),
  })),
  references: z.array(z.object({
    columns: z.array(z.string()),
    target: z.string(),
    targetSchema: z.string(),
    /** Whether the target has at most one row that refers to it. */
    isUnique: z.boolean(),
  })),
  /** Names of its checks and exclusions: they read as sentences. */
  rules: z.array(z.string()),
  policies: z.array(z.object({ name: z.string(), command: z.string() })),
});

const routine = z.object({
  name: z.string(),
  arguments: z.string(),
  result: z.string(),
  comment: z.string().nullable(),
  isTrigger: z.boolean(),
  /** Roles of the API that may execute it. */
  callers: z.array(z.string()),
});

const job = z.object({
  name: z.string(),
  schedule: z.string(),
  timeout: z.string(),
  description: z.string(),
});

const description = z.object({
  relations: z.array(relation),
  functions: z.array(routine),
  jobs: z.array(job),
});

/** A table or view of the schema public. */
export type Relation = z.infer<typeof relation>;

/** A function of the schema public. */
export type Routine = z.infer<typeof routine>;

/** A scheduled job. */
export type Job = z.infer<typeof job>;

/** The tables, views and functions of the schema public, and the jobs, as the database describes itself. */
export type SchemaDescription = z.infer<typeof description>;

/** Reads the description of the schema. */
export async function describeSchema(sql: Sql): Promise<SchemaDescription> {
  const text = await Deno.readTextFile(query);
  return await sql.begin(async (transaction) => {
    await transaction`set local search_path = ''`;
    const [row] = await transaction.unsafe(text);
    return description.parse(row?.description);
  });
}
