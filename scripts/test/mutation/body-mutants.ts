import type { Sql } from "postgres";
import { z } from "zod";
import { migrationFiles } from "../layout/migration-files.ts";
import { changesOf } from "./body-changes.ts";
import type { Mutant } from "./mutant.ts";

/** Chapters whose functions decide about money, and about who may do what. */
const CHAPTERS = new Set([
  "tenancy",
  "caller_organizations",
  "members",
  "owners",
  "invitations",
  "prices",
  "costs",
  "access_keys",
  "access_key_secrets",
  "callers",
  "budgets",
  "budget_periods",
  "reservations",
  "turn_charges",
  "turn_reservations",
  "settling_turns",
]);

const functionRows = z.array(
  z.object({ signature: z.string(), name: z.string(), definition: z.string(), body: z.string() }),
);

/**
 * The mutants of the bodies of these chapters' functions, each a definition of the function with one
 * change. Changes that Postgres refuses are left out.
 */
export async function listBodyMutants(sql: Sql, root: string): Promise<Mutant[]> {
  const functions = functionRows.parse(
    await sql`
    select
      functions.oid::regprocedure::text as signature, functions.proname as name,
      pg_get_functiondef(functions.oid) as definition, functions.prosrc as body
    from pg_proc functions
    join pg_namespace schemas on schemas.oid = functions.pronamespace
    where functions.prokind in ('f', 'p')
      and schemas.nspname || '.' || functions.proname = any (${await namesIn(root)})
    order by 1`,
  );
  const mutants = functions.flatMap(({ signature, name, definition, body }) =>
    changesOf(body).map((change): Mutant => ({
      kind: "body",
      relation: name,
      object: name,
      statement: definition.replace(body, () => change.body),
      name: `body of ${signature}, ${change.what}`,
    }))
  );
  return await validOf(sql, mutants);
}

/** The functions that the chapters create, by schema and name. */
async function namesIn(root: string): Promise<string[]> {
  const files = await migrationFiles(root);
  return files
    .filter(({ path }) => CHAPTERS.has(/\d+_(\w+)\.sql$/.exec(path)?.[1] ?? ""))
    .flatMap((
      { sql },
    ) => [...sql.matchAll(/^create (?:or replace )?(?:function|procedure) ([\w.]+)\(/gm)])
    .map(([, name = ""]) => name);
}

async function validOf(sql: Sql, mutants: readonly Mutant[]): Promise<Mutant[]> {
  const valid: Mutant[] = [];
  for (const mutant of mutants) {
    const isValid = await sql.unsafe(`begin; ${mutant.statement}`).then(() => true, () => false);
    await sql.unsafe("rollback");
    if (isValid) valid.push(mutant);
  }
  return valid;
}
