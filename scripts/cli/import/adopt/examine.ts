import type { Sql } from "postgres";
import type { Recognised } from "../design/recognise.ts";
import { type OurNames, readOurNames } from "./our-names.ts";

/** The effects of adopting an existing project. */
export interface Adoption {
  /** Tables, views and sequences of schema public that are moved aside. */
  relations: { name: string; kind: string }[];
  /**
   * Functions of schema public with the same names and arguments as ours, which are moved aside.
   */
  functions: string[];
  /** Foreign keys of other tables that are redirected to the new tables. */
  references: { table: string; constraint: string; to: string }[];
  /** Policies, triggers, views and functions that keep using the moved tables, and how. */
  notes: string[];
}

/** The schema that tables are moved to. */
export const asideSchema = "legacy";

/**
 * Finds the objects with names that the migrations need, and what depends on them. All tables of
 * the source in public are moved, so that a design stays together.
 */
export async function examineAdoption(sql: Sql, recognised: Recognised): Promise<Adoption> {
  const ours = await readOurNames();
  const moved = await findRelations(sql, ours, recognised);
  const names = moved.map(({ name }) => name);
  return {
    relations: moved,
    functions: await findFunctions(sql, ours),
    references: await findReferences(sql, names, ours),
    notes: await findNotes(sql, names),
  };
}

async function findRelations(
  sql: Sql,
  { relations }: OurNames,
  { schema, tables, left }: Recognised,
): Promise<Adoption["relations"]> {
  const source = schema === "public"
    ? [
      ...tables.map((bound) => bound.source.name),
      ...left.filter(({ reason }) => !reason.startsWith("no design")).map(({ name }) => name),
    ]
    : [];
  return await sql<Adoption["relations"]>`
    select relname as name, case relkind when 'v' then 'view' when 'm' then 'materialized view'
      when 'f' then 'foreign table' else 'table' end as kind
    from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
      and relname = any (${[...relations, ...source]})
      and not exists (
        select from pg_depend where objid = pg_class.oid and deptype = 'e'
      )
    order by relkind in ('v', 'm'), relname`;
}

async function findFunctions(sql: Sql, { functions }: OurNames): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select format('%I(%s)', proname, pg_get_function_identity_arguments(oid)) as name from pg_proc
    where pronamespace = 'public'::regnamespace and proname = any (${functions})
      and prokind = 'f'
      and not exists (select from pg_depend where objid = pg_proc.oid and deptype = 'e')
    order by 1`;
  return rows.map(({ name }) => name);
}

async function findReferences(
  sql: Sql,
  names: readonly string[],
  ours: OurNames,
): Promise<Adoption["references"]> {
  return await sql<Adoption["references"]>`
    select conrelid::regclass::text as table, conname as constraint, targets.relname as to
    from pg_constraint
    join pg_class sources on sources.oid = conrelid
    join pg_class targets on targets.oid = confrelid
    where contype = 'f' and targets.relnamespace = 'public'::regnamespace
      and targets.relname = any (${[...names]}) and targets.relname = any (${ours.relations})
      and not (sources.relnamespace = 'public'::regnamespace and sources.relname = any (${[
    ...names,
  ]}))
    order by 1, 2`;
}

async function findNotes(sql: Sql, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const pattern = `\\m(${names.join("|")})\\M`;
  const functions = await sql<{ name: string }[]>`
    select oid::regprocedure::text as name from pg_proc
    where pronamespace = 'public'::regnamespace and prosrc ~ ${pattern}
      and prolang in (select oid from pg_language where lanname in ('sql', 'plpgsql'))
    order by 1`;
  const triggers = await sql<{ name: string; function: string; writes: boolean }[]>`
    select tgname as name, tgfoid::regprocedure::text as function,
      (select prosrc ~ ${pattern} from pg_proc where pg_proc.oid = tgfoid) as writes
    from pg_trigger where tgrelid = 'auth.users'::regclass and not tgisinternal order by 1`;
  const views = await sql<{ name: string }[]>`
    select distinct rewrites.ev_class::regclass::text as name
    from pg_depend depends
    join pg_rewrite rewrites on rewrites.oid = depends.objid
    join pg_class classes on classes.oid = depends.refobjid
    where depends.classid = 'pg_rewrite'::regclass and classes.relnamespace = 'public'::regnamespace
      and classes.relname = any (${[...names]}) and rewrites.ev_class <> classes.oid
    order by 1`;
  return [
    ...views.map(({ name }) => `view ${name} goes on reading the old tables in ${asideSchema}`),
    ...functions.map(({ name }) =>
      `function ${name} finds its tables by name: it meets the new ones, unless its search_path has ${asideSchema}`
    ),
    ...triggers.map(({ name, function: body, writes }) =>
      `trigger ${name} on auth.users (${body}) stays and fires first${
        writes
          ? ": what it writes goes into the new tables, whose columns are checked with a trial sign-up"
          : ""
      }`
    ),
    `policies, triggers, indexes and grants of moved tables move with them`,
  ];
}
